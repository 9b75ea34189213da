// Writes beyond one row: many, upserts, by a condition.
#include <gtest/gtest.h>

#include <brio/db/error.hpp>
#include <brio/db/test_engines.hpp>
#include <brio/json/write.hpp>

namespace brio::db::test {

namespace {

struct Setting {
    Id<Setting> id;
    Id<User> user_id;
    Text<20, 1> name;
    Text<100> value;
    std::optional<Text<20>> remark;
    Timestamp created_at;
    Timestamp updated_at;
    Version version;
};
constexpr auto settings =
    table<Setting>("settings").unique<&Setting::user_id, &Setting::name>("idx_setting_name");
struct NewSetting {
    Id<User> user_id;
    Text<20, 1> name;
    Text<100> value;
    std::optional<std::optional<Text<20>>> remark;
};
const std::vector<Migration>& history() {
    static const std::vector<Migration> all = [] {
        std::vector<Migration> more = migrations();
        more.push_back({"0003_settings",
                        up(create_table("settings", {{"id", column::id},
                                                     {"user_id", column::reference("users")},
                                                     {"name", column::text()},
                                                     {"value", column::text()},
                                                     {"remark", column::text().optional()},
                                                     {"created_at", column::timestamp},
                                                     {"updated_at", column::timestamp},
                                                     {"version", column::version}}),
                           create_index("idx_setting_name", "settings", {"user_id", "name"}, unique)),
                        down(drop_table("settings"))});
        return more;
    }();
    return all;
}

struct Writes : OnEveryEngine {
    Writes() : fixture(GetParam(), {}, history()), ann(a_user(fixture)) {}
    NewResource a(std::string_view name, Status status = Status::active) const {
        return {ann.id, Text<120, 1>(name), Text<2000>("d"), status};
    }
    template <class T>
    T run(Async<T> call) {
        return fixture.run(std::move(call));
    }
    Db db() { return fixture.db(); }

    Fixture fixture;
    User ann;
};
INSTANTIATE_TEST_SUITE_P(, Writes, every_engine, engine_name);

}  // namespace

TEST_P(Writes, InsertRowsGivesThemWithTheirIds) {
    const auto rows = run(db().insert_rows(resources, std::vector{a("one"), a("two")}));
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(json::to_string(rows[1]), json::to_string(*run(db().find(resources, rows[1].id))));
    EXPECT_EQ(rows[0].name, "one");
    EXPECT_TRUE(run(db().insert_rows(resources, std::vector<NewResource>{})).empty());
}

TEST_P(Writes, UpsertInsertsAndThenChangesTheSameRow) {
    const User bob =
        run(db().upsert<&User::email>(users, NewUser{Text<254, 3>("bob@x"), Text<120, 1>("Bob")}));
    EXPECT_NE(bob.id, ann.id);
    const User again =
        run(db().upsert<&User::email>(users, NewUser{Text<254, 3>("bob@x"), Text<120, 1>("Rob")}));
    EXPECT_EQ(again.id, bob.id);
    EXPECT_EQ(again.name, "Rob");
    EXPECT_EQ(run(db().find(users, bob.id))->name, "Rob");
    EXPECT_EQ(run(db().select(users).count()), 2u);
}

TEST_P(Writes, AnUpsertChangesOnlyWhatItNames) {
    const NewUser other{ann.email, Text<120, 1>("Another")};
    EXPECT_EQ(run(db().upsert<&User::email>(users, other, changing<&User::email>())).name, "Ann");
    EXPECT_EQ(run(db().upsert<&User::email>(users, other, changing<&User::name>())).name, "Another");
}

TEST_P(Writes, AnUpsertMovesTheVersionAndTheTimeOfTheLastChangeOnly) {
    auto keep = [&](std::string_view value, std::optional<std::optional<Text<20>>> remark) {
        return run(db().upsert<&Setting::name, &Setting::user_id>(
            settings, NewSetting{ann.id, Text<20, 1>("colour"), Text<100>(value), remark}));
    };
    const Setting first = keep("red", Text<20>("why"));
    EXPECT_EQ(first.version, Version(1));
    const Setting second = keep("blue", std::nullopt);
    EXPECT_EQ(second.id, first.id);
    EXPECT_EQ(second.value, "blue");
    EXPECT_EQ(second.remark, first.remark);
    EXPECT_EQ(second.version, Version(2));
    EXPECT_EQ(second.created_at, first.created_at);
    EXPECT_GE(second.updated_at, first.updated_at);
    EXPECT_FALSE(keep("blue", std::optional<Text<20>>()).remark);
    EXPECT_EQ(run(db().select(settings).count()), 1u);
}

TEST_P(Writes, FindByAUniqueIndexGivesItsOneRow) {
    EXPECT_EQ(run(db().find_by<&User::email>(users, "ann@example.org"))->id, ann.id);
    EXPECT_FALSE(run(db().find_by<&User::email>(users, "ANN@example.org")));
    EXPECT_TRUE(run(db().exists(users, ann.id)));
    EXPECT_FALSE(run(db().exists(users, Id<User>(99))));
}

TEST_P(Writes, UpdateWhereChangesWhatTheConditionNamesAndMovesVersions) {
    run(db().insert_many(resources, std::vector{a("one"), a("two", Status::draft), a("three")}));
    const auto active = col<&Resource::status> == Status::active;
    const ResourcePatch patch{.status = Status::archived};
    EXPECT_EQ(run(db().update_where(resources, active, patch)), 2u);
    EXPECT_EQ(run(db().update_where(resources, active, patch)), 0u);
    const auto rows = run(db().update_rows(resources, col<&Resource::status> == Status::archived,
                                           ResourcePatch{.name = Text<120, 1>("old")}));
    ASSERT_EQ(rows.size(), 2u);
    for (const Resource& row : rows) {
        EXPECT_EQ(row.name, "old");
        EXPECT_EQ(row.version, Version(3));
    }
    EXPECT_EQ(run(db().select(resources).where(col<&Resource::status> == Status::draft).one())->version,
              Version(1));
}

TEST_P(Writes, EraseWhereTakesWhatTheConditionNames) {
    run(db().insert_many(resources, std::vector{a("one"), a("two", Status::draft), a("three")}));
    const auto gone = run(db().erase_rows(resources, col<&Resource::status> == Status::draft));
    ASSERT_EQ(gone.size(), 1u);
    EXPECT_EQ(gone[0].name, "two");
    EXPECT_EQ(
        run(db().erase_where(resources, in(col<&Resource::id>, std::vector{Id<Resource>(1), gone[0].id}))),
        1u);
    EXPECT_EQ(run(db().select(resources).count()), 1u);
}

TEST_P(Writes, WritesByAConditionEndWhatIsKeptOfTheTable) {
    run(db().insert_many(resources, std::vector{a("one"), a("two")}));
    auto total = [&] { return *run(db().page(*sql::parse_list<listing>({}))).total(); };
    EXPECT_EQ(total(), 2u);
    run(db().erase_where(resources, col<&Resource::id> == Id<Resource>(1)));
    EXPECT_EQ(total(), 1u);
}

}  // namespace brio::db::test
