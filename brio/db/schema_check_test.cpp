#include <brio/db/schema_check.hpp>

#include <gmock/gmock.h>

#include <brio/db/migration_code.hpp>
#include <brio/db/test_engines.hpp>
#include <brio/db/test_migrations.hpp>

namespace brio::db::test {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Databases that differ from the model in one thing, and are mended by what the difference says.
class SchemaCheck : public OnBothEngines {
protected:
    SchemaCheck() { Migrator(place.url(), migrations()).upgrade(); }

    std::vector<std::string> found() const {
        std::vector<std::string> words;
        for (const Difference& difference : differences_now()) {
            words.push_back(difference.what);
        }
        return words;
    }
    void apply(std::vector<Operation> operations, std::vector<Operation> back = {}) {
        for (Operation& operation : operations) {
            operation = dangerous("a test", std::move(operation));
        }
        all_.push_back(
            {concat({"9", integer_text(all_.size()), "_x"}), std::move(operations), std::move(back)});
        Migrator(place.url(), all_).upgrade();
    }
    /// Carries out what is said, which leaves no difference, and takes it back, which leaves the same ones.
    void expect_mended() {
        const auto before = found();
        Migration mending{.revision = "99_mending"};
        for (const Difference& difference : differences_now()) {
            ASSERT_FALSE(difference.mend.empty()) << difference.what;
            mending.upgrade.insert(mending.upgrade.end(), difference.mend.begin(), difference.mend.end());
            mending.downgrade.insert(mending.downgrade.begin(), difference.undo.begin(),
                                     difference.undo.end());
        }
        apply(mending.upgrade, mending.downgrade);
        EXPECT_THAT(found(), IsEmpty());
        Migrator(place.url(), all_).downgrade("-1");
        EXPECT_EQ(found(), before);
    }

private:
    std::vector<Difference> differences_now() const {
        return differences(model_of(users, resources), read_stored_schema(place.url()), GetParam());
    }
    std::vector<Migration> all_ = migrations();
};
INSTANTIATE_TEST_SUITE_P(, SchemaCheck, both_engines, engine_name);

TEST_P(SchemaCheck, WhatTheMigrationsMadeIsWhatTheModelSays) { EXPECT_THAT(found(), IsEmpty()); }

TEST_P(SchemaCheck, FindsColumnsThatAreMissing) {
    apply(up(drop_column("users", "name"), drop_column("resources", "version")));
    EXPECT_THAT(found(), ElementsAre("users.name: there is no such column",
                                     "resources.version: there is no such column"));
    expect_mended();
}

TEST_P(SchemaCheck, FindsColumnsAndTablesThatTheModelLacks) {
    apply(up(add_column("users", "note", column::text(9).optional()),
             create_table("others", {{"id", column::id}, {"user_id", column::reference("users")}})));
    EXPECT_THAT(found(), ElementsAre("users.note: the model has no such column",
                                     "the table others is not in the model"));
    expect_mended();
}

TEST_P(SchemaCheck, FindsATableThatIsMissingWithItsIndexes) {
    apply(up(drop_table("resources")));
    EXPECT_THAT(found(), ElementsAre("there is no table resources"));
    expect_mended();
}

TEST_P(SchemaCheck, FindsOtherLimitsAndWhatMayBeNull) {
    apply(up(alter_column("users", "name", {.from = column::text(120), .to = column::text(200).optional()}),
             alter_column("resources", "description", {.from = column::text(2000), .to = column::text()})));
    EXPECT_THAT(
        found(),
        ElementsAre("users.name: may be NULL, which the model excludes, holds 200 characters, the model "
                    "says 120 characters",
                    "resources.description: holds any number of characters, the model says 2000 characters"));
    expect_mended();
}

TEST_P(SchemaCheck, AnEnumerationNeedsRoomForItsLongestName) {
    apply(up(alter_column("resources", "status", {.from = column::text(16), .to = column::text(5)})));
    EXPECT_THAT(found(),
                ElementsAre("resources.status: holds 5 characters, the model says at least 8 characters"));
    expect_mended();
}

TEST_P(SchemaCheck, FindsOtherTypes) {
    apply(up(alter_column("resources", "name", {.from = column::text(120), .to = column::bytes})));
    EXPECT_THAT(found(), ElementsAre(HasSubstr(place.is_postgres() ? "is bytea, the model says text"
                                                                   : "is blob, the model says text")));
}

TEST_P(SchemaCheck, FindsReferencesThatAreMissing) {
    apply(up(drop_foreign_key("resources", "owner_id", column::reference("users"))));
    EXPECT_THAT(found(), ElementsAre("resources.owner_id: does not refer to users"));
    expect_mended();
}

TEST_P(SchemaCheck, FindsIndexesThatAreMissingOtherOrTooMany) {
    apply(up(drop_index("idx_user_email"), create_index("idx_user_email", "users", {"email", "name"}),
             drop_index("idx_resource_owner"), create_index("idx_more", "resources", {"name"}),
             create_index("idx_lower", "users", {expression("lower(email)")}),
             create_index("idx_part", "users", {"name"}).where("name <> ''")));
    EXPECT_THAT(found(),
                ElementsAre("the index idx_user_email is not unique on email, name, the model says unique "
                            "on email",
                            "there is no index idx_resource_owner, not unique on owner_id, created_at of "
                            "resources",
                            "the index idx_more of resources is not in the model"));
    expect_mended();
}

TEST(SchemaCheckPostgres, FindsTypesOfOthersAndInvalidIndexes) {
    const Place place(sql::Dialect::postgresql);
    Migrator(place.url(), migrations()).upgrade();
    place.execute(
        "ALTER TABLE users ALTER COLUMN name TYPE varchar(120);"
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'idx_user_email'::regclass");
    std::vector<std::string> said;
    for (const auto& difference :
         differences(model_of(users, resources), read_stored_schema(place.url()), sql::Dialect::postgresql)) {
        said.push_back(difference.what);
        for (const auto& operation : difference.mend) {
            said.push_back(code_of(operation));
        }
    }
    EXPECT_THAT(said, Contains(HasSubstr("users.name: is character varying(120), the model says text")));
    EXPECT_THAT(said, Contains(HasSubstr(R"(ALTER TABLE \"users\" ALTER COLUMN \"name\" TYPE text)")));
    EXPECT_THAT(said, Contains(HasSubstr("the index idx_user_email is invalid")));
}

}  // namespace brio::db::test
