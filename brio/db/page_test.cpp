#include <gtest/gtest.h>

#include <set>

#include <brio/db/error.hpp>
#include <brio/db/test_engines.hpp>
#include <brio/json/write.hpp>
#include <brio/ledger/ledger.hpp>

namespace brio::db::test {

namespace {

List<listing> asked(std::vector<sql::NamedValue> given) {
    auto list = sql::parse_list<listing>(given);
    EXPECT_TRUE(list) << (list ? "" : list.error().front().name + " " + list.error().front().message);
    return *list;
}

/// `rows` resources of two users, the odd ones active, created in groups of three at one moment.
void fill(Fixture& fixture, int rows) {
    a_user(fixture);
    a_user(fixture, "bob@example.org");
    fixture.run(fixture.db().transaction([rows](Db db) -> Async<void> {
        for (int i = 1; i <= rows; ++i) {
            co_await db.execute(Writes{"resources"},
                                "INSERT INTO resources(owner_id, name, description, status, created_at) "
                                "VALUES ($1, $2, '', $3, $4)",
                                1 + i % 2, "n" + std::to_string(i),
                                i % 2 == 1 ? Status::active : Status::draft, i / 3);
        }
    }));
}

auto page(Fixture& fixture, std::vector<sql::NamedValue> given) {
    return fixture.run(fixture.db().page_with<owner>(asked(std::move(given))));
}

}  // namespace

class Page : public OnEveryEngine {};
INSTANTIATE_TEST_SUITE_P(, Page, every_engine, engine_name);

TEST_P(Page, JsonIsThatOfTheStructs) {
    Fixture fixture(GetParam());
    const User ann = a_user(fixture);
    fixture.run(fixture.db().insert(resources, NewResource{ann.id, Text<120, 1>("a \"quoted\"\n name"),
                                                           Text<2000>("d"), Status::active}));
    const auto found = fixture.run(fixture.db().find_with<owner>(resources, Id<Resource>(1)));
    EXPECT_EQ(json::to_string(page(fixture, {})),
              "{\"items\":[" + json::to_string(*found) +
                  "],\"total\":1,\"page\":1,\"page_size\":20,\"pages\":1,\"next_cursor\":null}");
}

TEST_P(Page, ItemsAreTheRowsAsStructs) {
    Fixture fixture(GetParam());
    fill(fixture, 3);
    const auto items = page(fixture, {}).items();
    ASSERT_EQ(items.size(), 3u);
    EXPECT_EQ(items[1].row.name, "n2");
    EXPECT_EQ(items[1].get<owner>().email, "ann@example.org");
}

TEST_P(Page, ToManyRelationsAreArraysInEachItem) {
    Fixture fixture(GetParam());
    fill(fixture, 5);
    a_user(fixture, "nobody@example.org");
    const auto users_page = fixture.run(fixture.db().page_with<owned>(*sql::parse_list<user_listing>({})));
    const auto items = users_page.items();
    ASSERT_EQ(items.size(), 3u);
    EXPECT_EQ(items[0].get<owned>().size(), 2u);
    EXPECT_EQ(items[1].get<owned>().size(), 3u);
    EXPECT_TRUE(items[2].get<owned>().empty());
    EXPECT_EQ(items[1].get<owned>()[2].name, "n5");
}

TEST_P(Page, NumbersAndTotalsAreThoseOfTheFilter) {
    Fixture fixture(GetParam());
    fill(fixture, 45);
    const auto third = page(fixture, {{"page", "3"}, {"page_size", "10"}, {"status", "active"}});
    EXPECT_EQ(third.total(), 23u);
    EXPECT_EQ(third.count(), 3u);
    EXPECT_EQ(third.result().page, 3u);
    EXPECT_FALSE(third.next_cursor());
    EXPECT_EQ(page(fixture, {{"skip", "44"}, {"limit", "10"}}).count(), 1u);
    EXPECT_FALSE(page(fixture, {{"total", "none"}}).total());
}

TEST_P(Page, ATotalThatWasKeptEndsWithAWrite) {
    Fixture fixture(GetParam());
    fill(fixture, 4);
    EXPECT_EQ(page(fixture, {}).total(), 4u);
    EXPECT_EQ(page(fixture, {}).total(), 4u);
    fixture.run(fixture.db().erase(resources, Id<Resource>(2)));
    const auto after = page(fixture, {});
    EXPECT_EQ(after.total(), 3u);
    EXPECT_EQ(after.count(), 3u);
}

TEST_P(Page, AKeptTotalSavesTheSecondStatement) {
    Fixture fixture(GetParam());
    fill(fixture, 4);
    ledger::Ledger ledger;
    ledger.start(ledger::Phase::handler);
    runtime::Work work;
    work.ledger = &ledger;
    run(fixture.loop, fixture.db().page_with<owner>(asked({})), work);
    EXPECT_EQ(ledger.statements, 2u);
    run(fixture.loop, fixture.db().page_with<owner>(asked({})), work);
    EXPECT_EQ(ledger.statements, 3u);
}

TEST_P(Page, CursorsWalkEveryRowOnceInEveryOrder) {
    Fixture fixture(GetParam());
    fill(fixture, 50);
    for (const auto* sort : {"created_at", "id"}) {
        for (const auto* order : {"asc", "desc"}) {
            std::set<std::int64_t> seen;
            std::string cursor;
            std::optional<Resource> before;
            do {
                std::vector<sql::NamedValue> given{
                    {"page_size", "7"}, {"sort_by", sort}, {"sort_order", order}};
                if (!cursor.empty()) {
                    given.emplace_back("cursor", cursor);
                }
                const auto one = page(fixture, given);
                for (const auto& item : one.items()) {
                    EXPECT_TRUE(seen.insert(item.row.id.value).second) << "twice: " << item.row.id.value;
                    if (before) {
                        const auto a = std::pair(before->created_at, before->id);
                        const auto b = std::pair(item.row.created_at, item.row.id);
                        EXPECT_TRUE(std::string_view(order) == "asc" ? a < b : b < a);
                    }
                    before = item.row;
                }
                cursor = one.next_cursor().value_or("");
            } while (!cursor.empty());
            EXPECT_EQ(seen.size(), 50u);
        }
    }
}

TEST_P(Page, ACursorOpensOnlyItsOwnListing) {
    Fixture fixture(GetParam());
    fill(fixture, 30);
    const std::string cursor = *page(fixture, {{"page_size", "5"}, {"status", "active"}}).next_cursor();
    std::string changed = cursor;
    changed[12] = changed[12] == 'A' ? 'B' : 'A';
    EXPECT_NO_THROW(page(fixture, {{"cursor", cursor}, {"status", "active"}}));
    EXPECT_THROW(page(fixture, {{"cursor", changed}, {"status", "active"}}), http::Problem);
    EXPECT_THROW(page(fixture, {{"cursor", cursor}, {"status", "draft"}}), http::Problem);
    EXPECT_THROW(page(fixture, {{"cursor", cursor}, {"status", "active"}, {"sort_order", "desc"}}),
                 http::Problem);
}

TEST_P(Page, ACursorHoldsInAnotherProcessOfTheSameDatabase) {
    Fixture fixture(GetParam());
    fill(fixture, 30);
    const std::string cursor = *page(fixture, {{"page_size", "5"}}).next_cursor();
    Database other({.url = fixture.url()});
    EXPECT_EQ(fixture.run(other.db().page_with<owner>(asked({{"cursor", cursor}}))).items().front().row.id,
              Id<Resource>(6));
}

TEST_P(Page, EmptyIsAnEmptyArray) {
    Fixture fixture(GetParam());
    EXPECT_EQ(json::to_string(page(fixture, {})),
              R"({"items":[],"total":0,"page":1,"page_size":20,"pages":0,"next_cursor":null})");
}

}  // namespace brio::db::test
