#include <gmock/gmock.h>

#include <brio/db/error.hpp>
#include <brio/db/migrate.hpp>
#include <brio/db/test_engines.hpp>
#include <brio/db/test_migrations.hpp>

namespace brio::db::test {

using testing::HasSubstr;

/// Each operation up and down, on tables with rows.
class MigrationOperations : public OnBothEngines {
protected:
    MigrationOperations() {
        Migrator(place.url(), migrations()).upgrade();
        place.execute("INSERT INTO users(email, name) VALUES ('a@x', 'Ann'), ('b@x', 'Bob')");
        place.execute(
            concat({"INSERT INTO resources(owner_id, name, description, status, created_at) VALUES "
                    "(1, 'one', 'd', 'active', ",
                    place.is_postgres() ? "'2026-01-01T00:00:00Z'" : "1767225600000000",
                    "), (2, 'two', 'd', 'draft', ",
                    place.is_postgres() ? "'2026-01-02T00:00:00Z'" : "1767312000000000", ")"}));
    }
    void up_with(std::vector<Operation> up, std::vector<Operation> down = {}) {
        all_ = migrations();
        all_.push_back({"0003_next", std::move(up), std::move(down)});
        Migrator(place.url(), all_).upgrade();
    }
    void take_back() { Migrator(place.url(), all_).downgrade("-1"); }
    template <class Error>
    void expect_refused(const std::string& statement) {
        EXPECT_THROW(place.execute(statement), Error) << statement;
    }
    bool has_column(const std::string& table, const std::string& column) const {
        return place.integer(
                   place.is_postgres()
                       ? concat({"SELECT count(*) FROM information_schema.columns WHERE table_name = '",
                                 table, "' AND column_name = '", column, "'"})
                       : concat({"SELECT count(*) FROM pragma_table_info('", table, "') WHERE name = '",
                                 column, "'"})) == 1;
    }
    /// All that stood there before is still so.
    void expect_nothing_lost() {
        EXPECT_EQ(place.integer("SELECT count(*) FROM users"), 2);
        EXPECT_EQ(place.integer("SELECT count(*) FROM resources r JOIN users u ON u.id = r.owner_id"), 2);
        for (const char* index :
             {"idx_resource_owner", "idx_resource_status_created", "idx_resource_created"}) {
            EXPECT_TRUE(place.has_index(index)) << index;
        }
        expect_refused<ForeignKeyViolation>("DELETE FROM users WHERE id = 1");
        expect_refused<UniqueViolation>("INSERT INTO users(email, name) VALUES ('a@x', 'again')");
    }

private:
    std::vector<Migration> all_;
};
INSTANTIATE_TEST_SUITE_P(, MigrationOperations, both_engines, engine_name);

TEST_P(MigrationOperations, ALimitIsWidenedAndNarrowedAgain) {
    const ColumnChange wider{.from = column::text(120), .to = column::text(200)};
    const ColumnChange narrower{.from = column::text(200), .to = column::text(120)};
    up_with(up(alter_column("resources", "name", wider)), down(alter_column("resources", "name", narrower)));
    place.execute("UPDATE resources SET name = '" + std::string(150, 'x') + "' WHERE id = 1");
    expect_refused<CheckViolation>("UPDATE resources SET name = '" + std::string(201, 'x') + "'");
    EXPECT_THROW(take_back(), MigrationError);  // a row that would not fit
    place.execute("UPDATE resources SET name = 'short'");
    take_back();
    expect_refused<CheckViolation>("UPDATE resources SET name = '" + std::string(121, 'x') + "'");
    expect_nothing_lost();
}

TEST_P(MigrationOperations, AColumnMayBeNullAndMustNotAgain) {
    up_with(
        up(alter_column("users", "name", {.from = column::text(120), .to = column::text(120).optional()})),
        down(alter_column("users", "name", {.from = column::text(120).optional(), .to = column::text(120)})));
    place.execute("UPDATE users SET name = NULL WHERE id = 1");
    EXPECT_THROW(take_back(), MigrationError);
    place.execute("UPDATE users SET name = 'Ann' WHERE id = 1");
    take_back();
    expect_refused<CheckViolation>("UPDATE users SET name = NULL");
    expect_nothing_lost();
}

TEST_P(MigrationOperations, ADefaultComesAndGoes) {
    up_with(up(alter_column("users", "name",
                            {.from = column::text(120), .to = column::text(120).by_default("'nobody'")})),
            down(alter_column("users", "name",
                              {.from = column::text(120).by_default("'nobody'"), .to = column::text(120)})));
    place.execute("INSERT INTO users(email) VALUES ('c@x')");
    EXPECT_EQ(place.integer("SELECT count(*) FROM users WHERE name = 'nobody'"), 1);
    place.execute("DELETE FROM users WHERE email = 'c@x'");
    take_back();
    expect_refused<CheckViolation>("INSERT INTO users(email) VALUES ('c@x')");
    expect_nothing_lost();
}

TEST_P(MigrationOperations, ATypeIsChangedWithItsRows) {
    up_with(up(dangerous("a small table", alter_column("resources", "version",
                                                       {.from = column::version, .to = column::text()}))),
            down(alter_column("resources", "version", {.from = column::text(), .to = column::version})));
    EXPECT_EQ(place.integer("SELECT count(*) FROM resources WHERE version = '1'"), 2);
    place.execute("UPDATE resources SET version = '41'");
    take_back();
    EXPECT_EQ(place.integer("SELECT sum(version + 1) FROM resources"), 84);
    expect_nothing_lost();
}

TEST_P(MigrationOperations, AConversionSaysWhatBecomesOfTheRows) {
    up_with(up(dangerous(
        "a small table",
        alter_column("resources", "status",
                     {.from = column::text(16), .to = column::boolean, .conversion = "status = 'active'"}))));
    EXPECT_EQ(place.integer("SELECT count(*) FROM resources WHERE status"), 1);
}

TEST_P(MigrationOperations, AReferenceComesAndGoes) {
    up_with(up(drop_foreign_key("resources", "owner_id", column::reference("users"))),
            down(add_foreign_key("resources", "owner_id", column::reference("users"))));
    place.execute("UPDATE resources SET owner_id = 99 WHERE id = 1");
    EXPECT_THROW(take_back(), MigrationError);  // a row that refers to nobody
    place.execute("UPDATE resources SET owner_id = 1 WHERE id = 1");
    take_back();
    expect_refused<ForeignKeyViolation>("UPDATE resources SET owner_id = 99");
    expect_nothing_lost();
}

TEST_P(MigrationOperations, ATableThatOthersReferToKeepsThem) {
    up_with(up(alter_column("users", "email", {.from = column::text(254), .to = column::text(300)})),
            down(alter_column("users", "email", {.from = column::text(300), .to = column::text(254)})));
    expect_nothing_lost();
    take_back();
    expect_nothing_lost();
}

TEST_P(MigrationOperations, AColumnComesWithADefaultAndGoesWithItsIndex) {
    up_with(up(add_column("users", "points", column::integer.by_default("7")),
               create_index("idx_users_points", "users", {descending("points")})),
            down(drop_column("users", "points")));
    EXPECT_EQ(place.integer("SELECT sum(points) FROM users"), 14);
    take_back();
    EXPECT_FALSE(has_column("users", "points"));
    EXPECT_FALSE(place.has_index("idx_users_points"));
    expect_nothing_lost();
}

TEST_P(MigrationOperations, AColumnThatRefersComesAndGoes) {
    up_with(up(add_column("resources", "editor_id", column::reference("users").by_default("1"))),
            down(drop_column("resources", "editor_id")));
    EXPECT_EQ(place.integer("SELECT sum(editor_id) FROM resources"), 2);
    expect_refused<ForeignKeyViolation>("UPDATE resources SET editor_id = 99");
    take_back();
    EXPECT_FALSE(has_column("resources", "editor_id"));
    expect_nothing_lost();
}

TEST_P(MigrationOperations, TablesAndColumnsAreRenamedAndBack) {
    up_with(up(dangerous("the service stands still", rename_column("users", "name", "full_name")),
               dangerous("the service stands still", rename_table("users", "people"))),
            down(rename_table("people", "users"), rename_column("users", "full_name", "name")));
    EXPECT_EQ(place.integer("SELECT count(*) FROM people WHERE full_name = 'Ann'"), 1);
    take_back();
    expect_nothing_lost();
}

TEST_P(MigrationOperations, AConstraintIsFoundUnderItsOldName) {
    up_with(up(dangerous("the service stands still", rename_column("users", "name", "full_name")),
               dangerous("the service stands still", rename_table("users", "people")),
               alter_column("people", "full_name", {.from = column::text(120), .to = column::text(200)})));
    place.execute("UPDATE people SET full_name = '" + std::string(150, 'x') + "'");
    expect_refused<CheckViolation>("UPDATE people SET full_name = '" + std::string(201, 'x') + "'");
}

TEST_P(MigrationOperations, APartialUniqueIndexHoldsForItsPartOnly) {
    up_with(up(create_index("idx_one_draft", "resources", {"owner_id"}, unique).where("status = 'draft'"),
               create_index("idx_lower_email", "users", {expression("lower(email)")}, unique)),
            down(drop_index("idx_lower_email"), drop_index("idx_one_draft")));
    place.execute(
        "INSERT INTO resources(owner_id, name, description, status, created_at) SELECT owner_id, "
        "'more', '', 'active', created_at FROM resources WHERE id = 1");
    expect_refused<UniqueViolation>(
        "INSERT INTO resources(owner_id, name, description, status, created_at) "
        "SELECT owner_id, 'more', '', 'draft', created_at FROM resources WHERE id = 2");
    expect_refused<UniqueViolation>("INSERT INTO users(email, name) VALUES ('A@X', 'again')");
    take_back();
    EXPECT_FALSE(place.has_index("idx_one_draft"));
}

TEST_P(MigrationOperations, RawTextIsThatOfTheEngine) {
    up_with(up(raw("UPDATE users SET name = 'sqlite'", "UPDATE users SET name = 'postgresql'"),
               raw("", "COMMENT ON TABLE users IS 'those who own'")));
    EXPECT_EQ(place.integer(concat({"SELECT count(*) FROM users WHERE name = '",
                                    place.is_postgres() ? "postgresql" : "sqlite", "'"})),
              2);
}

TEST_P(MigrationOperations, ATableIsDroppedWhenTheMigrationSaysWhy) {
    EXPECT_THROW(up_with(up(drop_table("resources"))), MigrationError);
    EXPECT_TRUE(place.has_table("resources"));
    up_with(up(dangerous("nobody uses it since 2.1", drop_table("resources"))));
    EXPECT_FALSE(place.has_table("resources"));
}

TEST_P(MigrationOperations, OfflineTextOfAllOfThemGivesTheSameTables) {
    const Place other(GetParam());
    const auto next =
        [](const Migration& more) {
            auto all = migrations();
            all.push_back(more);
            return all;
        }({"0003_next",
           up(alter_column("users", "name", {.from = column::text(120), .to = column::text(200).optional()}),
              add_column("resources", "editor_id", column::reference("users").by_default("1")),
              drop_foreign_key("resources", "owner_id", column::reference("users"))),
           {}});
    other.run_script(Migrator(other.url(), next).sql());
    other.execute("INSERT INTO users(email) VALUES ('c@x')");
    EXPECT_EQ(Migrator(other.url(), next).current(), "0003_next");
}

}  // namespace brio::db::test
