// Which operations could hurt a database that a service is using. Pure.
//
// They are judged by what they are, not by what the database holds, so that they are refused where they are
// written and not first where the rows are. The list follows strong_migrations (Rails) and squawk, but for
// what the migrator itself carries out safely: indexes, limits, references and NOT NULL on tables that are
// there. What a migration does to tables that it has just made hurts nobody; neither does what takes back,
// downwards, an operation of the same migration.
#pragma once
#include <string>
#include <vector>

#include <brio/db/migration.hpp>

namespace brio::db {

struct Hazard {
    std::string what;     // "drops the column note of purchases"
    std::string why;      // what would happen
    std::string instead;  // what to do; dangerous() is the last resort of all of them
};

/// Of the operations that are not marked dangerous().
std::vector<Hazard> hazards(const Migration& migration, Direction direction);

/// Throws MigrationError that names all of them.
void refuse_hazards(const Migration& migration, Direction direction);

/// A line of SQL comment for each operation upwards that is refused, or is done although it is dangerous.
std::string hazard_comments(const Migration& migration);

}  // namespace brio::db
