// A migration as the steps in which PostgreSQL carries it out. Internal and pure.
//
// A step holds as a whole or not at all. As much as possible is one transaction. Apart are: indexes of tables
// that others may be writing (CREATE INDEX CONCURRENTLY and DROP INDEX CONCURRENTLY refuse transactions), and
// the checking of constraints against the rows that are there, which in the transaction that adds the
// constraint would hold that transaction's lock while it reads the table (PostgreSQL's documentation of ALTER
// TABLE, "NOT VALID").
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <brio/db/migration.hpp>

namespace brio::db::postgres {

struct Step {
    enum class Kind : std::uint8_t {
        transaction,
        build_index,  // `index`, concurrently
        drop_index,
        alone,  // raw text that refuses transactions
    };
    Kind kind = Kind::transaction;
    std::vector<std::string> statements;
    std::string index = {};
    std::string table = {};  // of the index that is built
};

std::vector<Step> steps_of(const std::vector<Operation>& operations);

/// Of the texts of the first `count`: whether a run goes on with what it began.
std::int64_t hash_of(const std::vector<Step>& steps, std::size_t count);

}  // namespace brio::db::postgres
