#include <gtest/gtest.h>

#include <brio/db/error.hpp>
#include <brio/db/test_engines.hpp>
#include <brio/json/write.hpp>

namespace brio::db::test {

NewResource a_resource(Id<User> owner_id, std::string_view name, Status status = Status::active) {
    return {owner_id, Text<120, 1>(name), Text<2000>("what it is"), status};
}

class Db : public OnEveryEngine {};
INSTANTIATE_TEST_SUITE_P(, Db, every_engine, engine_name);

TEST_P(Db, WhatWasInsertedIsFound) {
    Fixture fixture(GetParam());
    const User ann = a_user(fixture);
    const Resource made = fixture.run(fixture.db().insert(resources, a_resource(ann.id, "one")));
    const auto found = fixture.run(fixture.db().find(resources, made.id));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, made.id);
    EXPECT_EQ(found->owner_id, ann.id);
    EXPECT_EQ(found->name, "one");
    EXPECT_EQ(found->status, Status::active);
    EXPECT_EQ(found->created_at, made.created_at);
    EXPECT_EQ(found->version, Version(1));
}

TEST_P(Db, AnAbsentRowIsNothing) {
    Fixture fixture(GetParam());
    EXPECT_FALSE(fixture.run(fixture.db().find(resources, Id<Resource>(12))));
    EXPECT_FALSE(fixture.run(fixture.db().update(resources, Id<Resource>(12), ResourcePatch{})));
    EXPECT_FALSE(fixture.run(fixture.db().erase(resources, Id<Resource>(12))));
}

TEST_P(Db, FindWithGivesTheOwner) {
    Fixture fixture(GetParam());
    const User ann = a_user(fixture);
    const Resource made = fixture.run(fixture.db().insert(resources, a_resource(ann.id, "one")));
    const auto found = fixture.run(fixture.db().find_with<owner>(resources, made.id));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->get<owner>().email, "ann@example.org");
    EXPECT_EQ((*found)->name, "one");
}

TEST_P(Db, FindWithGivesWhatIsOwnedInTheOrderOfIds) {
    Fixture fixture(GetParam());
    const User ann = a_user(fixture);
    const User bob = a_user(fixture, "bob@example.org");
    for (const auto* name : {"one", "two"}) {
        fixture.run(fixture.db().insert(resources, a_resource(ann.id, name)));
    }
    fixture.run(fixture.db().insert(resources, a_resource(bob.id, "other")));
    const auto found = fixture.run(fixture.db().find_with<owned>(users, ann.id));
    ASSERT_TRUE(found);
    const auto& owned_by_ann = found->get<owned>();
    ASSERT_EQ(owned_by_ann.size(), 2u);
    EXPECT_EQ(owned_by_ann[0].name, "one");
    EXPECT_EQ(owned_by_ann[1].name, "two");
}

TEST_P(Db, UpdateChangesOnlyTheFieldsOfThePatchAndMovesTheVersion) {
    Fixture fixture(GetParam());
    const User ann = a_user(fixture);
    const Resource made = fixture.run(fixture.db().insert(resources, a_resource(ann.id, "one")));
    const auto updated =
        fixture.run(fixture.db().update(resources, made.id, ResourcePatch{.status = Status::archived}));
    ASSERT_TRUE(updated);
    EXPECT_EQ(updated->name, "one");
    EXPECT_EQ(updated->status, Status::archived);
    EXPECT_EQ(updated->version, Version(2));
}

TEST_P(Db, UpdateOfAnotherVersionIsAConflictAndChangesNothing) {
    Fixture fixture(GetParam());
    const User ann = a_user(fixture);
    const Resource made = fixture.run(fixture.db().insert(resources, a_resource(ann.id, "one")));
    const ResourcePatch patch{.name = Text<120, 1>("two")};
    const auto refused = fixture.run(fixture.db().update(resources, made.id, patch, Version(7)));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), NotChanged::conflict);
    EXPECT_EQ(fixture.run(fixture.db().find(resources, made.id))->name, "one");
    const auto absent = fixture.run(fixture.db().update(resources, Id<Resource>(99), patch, Version(1)));
    ASSERT_FALSE(absent);
    EXPECT_EQ(absent.error(), NotChanged::absent);
}

TEST_P(Db, EraseOfAnotherVersionIsAConflict) {
    Fixture fixture(GetParam());
    const User ann = a_user(fixture);
    const Resource made = fixture.run(fixture.db().insert(resources, a_resource(ann.id, "one")));
    EXPECT_EQ(fixture.run(fixture.db().erase(resources, made.id, Version(2))).error(), NotChanged::conflict);
    EXPECT_TRUE(fixture.run(fixture.db().erase(resources, made.id, Version(1))));
    EXPECT_FALSE(fixture.run(fixture.db().find(resources, made.id)));
}

TEST_P(Db, AUniqueViolationNamesTheIndexAndIs409) {
    Fixture fixture(GetParam());
    a_user(fixture);
    try {
        a_user(fixture);
        FAIL() << "the second row with the same email was stored";
    } catch (const UniqueViolation& violation) {
        EXPECT_EQ(violation.index(), "idx_user_email");
        EXPECT_EQ(violation.columns(), "email");
        EXPECT_EQ(violation.status(), 409);
    }
}

TEST_P(Db, AMissingOwnerIs422AndAnOwnerInUseCannotGo) {
    Fixture fixture(GetParam());
    const User ann = a_user(fixture);
    try {
        fixture.run(fixture.db().insert(resources, a_resource(Id<User>(77), "one")));
        FAIL() << "a resource of nobody was stored";
    } catch (const ForeignKeyViolation& violation) {
        EXPECT_EQ(violation.status(), 422);
    }
    fixture.run(fixture.db().insert(resources, a_resource(ann.id, "one")));
    try {
        fixture.run(fixture.db().erase(users, ann.id));
        FAIL() << "an owner went while a resource was left";
    } catch (const ForeignKeyViolation& violation) {
        EXPECT_EQ(violation.status(), 409);
    }
}

TEST_P(Db, SelectFiltersOrdersAndLimits) {
    Fixture fixture(GetParam());
    const User ann = a_user(fixture);
    for (int i = 0; i < 6; ++i) {
        fixture.run(fixture.db().insert(resources, a_resource(ann.id, "n" + std::to_string(i),
                                                              i % 2 == 0 ? Status::active : Status::draft)));
    }
    const auto rows =
        fixture.run(fixture.db()
                        .select(resources)
                        .where(col<&Resource::status> == Status::active && col<&Resource::name> != "n0")
                        .order_by(desc<&Resource::id>)
                        .limit(5)
                        .all());
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].name, "n4");
    EXPECT_EQ(rows[1].name, "n2");
    EXPECT_EQ(
        fixture.run(fixture.db().select(resources).where(col<&Resource::status> == Status::draft).count()),
        3u);
}

TEST_P(Db, ConditionsMeanWhatTheySay) {
    Fixture fixture(GetParam());
    const User ann = a_user(fixture);
    for (const auto* name : {"a", "b", "c_", "d%"}) {
        fixture.run(fixture.db().insert(resources, a_resource(ann.id, name)));
    }
    auto names = [&](auto condition) {
        std::string all;
        for (const auto& row : fixture.run(fixture.db()
                                               .select(resources)
                                               .where(unindexed("a test", condition))
                                               .order_by(asc<&Resource::id>)
                                               .all())) {
            all += row.name.str();
        }
        return all;
    };
    EXPECT_EQ(names(in(col<&Resource::name>, std::vector<std::string>{"a", "c_", "\"x"})), "ac_");
    EXPECT_EQ(names(in(col<&Resource::id>, std::vector<Id<Resource>>{})), "");
    EXPECT_EQ(names(between(col<&Resource::id>, Id<Resource>(2), Id<Resource>(3))), "bc_");
    EXPECT_EQ(names(like(col<&Resource::name>, "%\\%")), "d%");
    EXPECT_EQ(names(!(col<&Resource::name> == "a") &&
                    (col<&Resource::id> <= Id<Resource>(2) || col<&Resource::name> == "d%")),
              "bd%");
}

TEST_P(Db, TextIsStoredByteForByte) {
    Fixture fixture(GetParam());
    const std::string strange = "'; DROP TABLE users; -- \" \\ \xF0\x9F\x98\x80 \xE2\x80\xA8";
    const User made =
        fixture.run(fixture.db().insert(users, NewUser{Text<254, 3>("x@y"), Text<120, 1>(strange)}));
    EXPECT_EQ(fixture.run(fixture.db().find(users, made.id))->name.str(), strange);
}

TEST_P(Db, InsertManyIsAllOrNothing) {
    Fixture fixture(GetParam());
    std::vector<NewUser> some{{Text<254, 3>("a@x"), Text<120, 1>("a")},
                              {Text<254, 3>("a@x"), Text<120, 1>("b")}};
    EXPECT_THROW(fixture.run(fixture.db().insert_many(users, some)), UniqueViolation);
    EXPECT_EQ(fixture.run(fixture.db().select(users).count()), 0u);
    some[1].email = Text<254, 3>("b@x");
    EXPECT_EQ(fixture.run(fixture.db().insert_many(users, some)), 2u);
    EXPECT_EQ(fixture.run(fixture.db().select(users).count()), 2u);
}

TEST_P(Db, AStatementOfOnesOwnFindsItsColumnsByName) {
    Fixture fixture(GetParam());
    a_user(fixture);
    struct Row {
        std::int64_t many;
        std::string email;
    };
    const auto rows = fixture.run(fixture.db().query<Row>(
        Reads{"users"}, "SELECT email, count(*) AS many FROM users WHERE name = $1 GROUP BY email",
        std::string("Ann")));
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].many, 1);
    EXPECT_EQ(rows[0].email, "ann@example.org");
    EXPECT_EQ(
        fixture.run(fixture.db().execute(Writes{"users"}, "UPDATE users SET name = $1", std::string("Bea"))),
        1u);
    EXPECT_THROW(fixture.run(fixture.db().query<Row>(Reads{"users"}, "SELECT nothing FROM users")),
                 StatementError);
}

namespace {

struct NameCount {
    std::string name;
    std::int64_t many;
};
constexpr RawSelect<NameCount, std::string> named{
    {"users"}, "SELECT name, count(*) AS many FROM users WHERE name = $1 OR $1 = '$2' GROUP BY name"};
constexpr RawWrite<std::string, Id<User>> rename_user{{"users"}, "UPDATE users SET name = $1 WHERE id = $2"};

}  // namespace

TEST_P(Db, AConstantStatementHasTypedParametersAndIsChecked) {
    Fixture fixture(GetParam());
    const User ann = a_user(fixture);
    EXPECT_NO_THROW(fixture.db().check(named, rename_user));
    EXPECT_EQ(fixture.run(fixture.db().execute(rename_user, "Bea", ann.id)), 1u);
    const auto rows = fixture.run(fixture.db().query(named, "Bea"));
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].many, 1);
    constexpr RawSelect<NameCount> lacks{{"users"}, "SELECT name FROM users"};
    constexpr RawSelect<NameCount> misspelt{{"users"}, "SELECT name, 1 AS many FROM user_s"};
    try {
        fixture.db().check(named, lacks);
        FAIL() << "the statement gives no column named many";
    } catch (const StatementError& wrong) {
        EXPECT_NE(std::string(wrong.what()).find("many"), std::string::npos) << wrong.what();
    }
    EXPECT_THROW(fixture.db().check(misspelt), StatementError);
}

}  // namespace brio::db::test
