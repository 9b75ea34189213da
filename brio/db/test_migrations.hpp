// Test-only: empty databases of either engine for migrations, and what is seen in them.
#pragma once
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>

#include <brio/db/postgres_session.hpp>
#include <brio/db/sqlite_connection.hpp>
#include <brio/db/test_model.hpp>

namespace brio::db::test {

/// An empty database.
class Place {
public:
    explicit Place(sql::Dialect dialect) {
        if (dialect == sql::Dialect::postgresql) {
            postgres_.emplace();
        }
    }
    std::string url() const { return postgres_ ? postgres_->url() : folder_.url(); }
    bool is_postgres() const { return postgres_.has_value(); }
    void execute(const std::string& text) const {
        if (postgres_) {
            postgres::Session(url()).execute(text);
        } else {
            sqlite::Connection({.path = folder_.file(), .writes = true, .create = true})
                .execute(text.c_str());
        }
    }
    /// As its own command line runs it: each statement by itself.
    void run_script(const std::string& text) const {
        const std::string script = folder_.file() + ".sql";
        std::ofstream(script) << text;
        const std::string command = concat(
            {is_postgres() ? "/usr/lib/postgresql/15/bin/psql -qXAt -v ON_ERROR_STOP=1 '" : "sqlite3 -bail '",
             is_postgres() ? url() : folder_.file(), "' < '", script, "'"});
        EXPECT_EQ(std::system(command.c_str()), 0);
    }
    std::int64_t integer(const std::string& text) const {
        return postgres_ ? std::stoll(postgres::Session(url()).value(text).value_or("0"))
                         : sqlite::Connection({.path = folder_.file(), .create = true}).integer(text.c_str());
    }
    bool has_table(const std::string& name) const {
        return integer(
                   concat({postgres_ ? "SELECT count(*) FROM pg_tables WHERE tablename = '"
                                     : "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = '",
                           name, "'"})) == 1;
    }
    /// One that can be used.
    bool has_index(const std::string& name) const {
        return integer(
                   concat({postgres_ ? "SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = "
                                       "i.indexrelid WHERE i.indisvalid AND c.relname = '"
                                     : "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND name = '",
                           name, "'"})) == 1;
    }

private:
    Folder folder_;
    std::optional<PostgresDatabase> postgres_;
};

/// Tests that hold for migrations on both engines.
class OnBothEngines : public testing::TestWithParam<sql::Dialect> {
protected:
    Place place{GetParam()};
    Migrator migrator(std::span<const Migration> given) const { return Migrator(place.url(), given); }
};

inline const auto both_engines = testing::Values(sql::Dialect::sqlite, sql::Dialect::postgresql);

}  // namespace brio::db::test
