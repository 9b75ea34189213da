// What a database's tables have that the program's model has not, and the other way round. Pure.
#pragma once
#include <string>
#include <vector>

#include <brio/db/model.hpp>
#include <brio/db/stored_schema.hpp>

namespace brio::db {

struct Difference {
    std::string what;             // "resources.name: holds 200 characters, the model says 120"
    std::vector<Operation> mend;  // what makes the database what the model says; none: no operation can
    std::vector<Operation> undo;  // what takes that back
    std::string remark = {};      // what to see to before
};

std::vector<Difference> differences(const Model& model, const std::vector<StoredTable>& stored,
                                    sql::Dialect dialect);

}  // namespace brio::db
