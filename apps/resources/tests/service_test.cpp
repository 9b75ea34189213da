// The service in process: its routes on a migrated database of its own, through everything but TCP.
#include <brio/db/database.hpp>
#include <brio/db/test_engines.hpp>
#include <brio/testing/service.hpp>

#include <gtest/gtest.h>

#include "../handlers.hpp"
#include "../migrations.hpp"
#include "../package_index.hpp"
#include "../routes.hpp"
#include "../seed.hpp"
#include "../tasks.hpp"

namespace service {
namespace {

using brio::testing::TestService;

struct Owner {
    std::int64_t id;
    std::string email;
    std::string name;
};
struct Item {
    std::int64_t id;
    std::int64_t owner_id;
    std::string name;
    std::string description;
    Status status;
    Timestamp created_at;
    std::int64_t version;
    std::optional<Owner> owner;
};
struct Items {
    std::vector<Item> items;
    std::optional<std::int64_t> total;
    std::optional<std::int64_t> page;
    std::int64_t page_size;
    std::optional<std::int64_t> pages;
    std::optional<std::string> next_cursor;
};

// An empty database of the engine; a SQLite file for `TestService` to make where it holds none.
struct EmptyDatabase {
    explicit EmptyDatabase(brio::sql::Dialect dialect) {
        if (dialect == brio::sql::Dialect::postgresql) {
            postgres.emplace();
        }
    }
    brio::testing::TestOptions options() const {
        return {.database_url = postgres ? postgres->url() : std::string(),
                .tasks = {{brio::tasks::define(process_data), brio::tasks::define(expire_summaries)},
                          brio::tasks::TaskRoutes({{"app.worker.*", "main-queue"}})}};
    }
    std::optional<brio::db::test::PostgresDatabase> postgres;
};

class Service : public brio::db::test::OnEveryEngine {
protected:
    Service() : empty(GetParam()), tested(migrations, routes, empty.options()), client(tested.client()) {
        tested.run(tested.db().insert(users, NewUser{Text<254, 3>("ada@example.com"), Text<120, 1>("Ada")}));
        tested.run(tested.db().insert(users, NewUser{Text<254, 3>("bob@example.com"), Text<120, 1>("Bob")}));
    }
    std::int64_t make(std::string name, std::int64_t owner_id = 1, Status status = Status::active) {
        return client
            .post("/api/resources",
                  NewResource{Text<120, 1>(std::move(name)), Text<2000>(), status, Id<User>(owner_id)})
            .as<Item>()
            .id;
    }
    EmptyDatabase empty;
    TestService tested;
    brio::testing::TestClient& client;
};
INSTANTIATE_TEST_SUITE_P(, Service, brio::db::test::every_engine, brio::db::test::engine_name);

TEST_P(Service, CreatesAResourceOfUserOneUnlessAnOwnerIsNamed) {
    auto const answer = client.post("/api/resources", json::Raw{R"({"name":"x"})"});
    EXPECT_EQ(answer.status, 201);
    auto const made = answer.as<Item>();
    EXPECT_EQ(made.owner_id, 1);
    EXPECT_EQ(made.status, Status::draft);
    EXPECT_EQ(made.version, 1);
    EXPECT_EQ(answer.header("Location"), "/api/resources/" + std::to_string(made.id));
    EXPECT_EQ(client.get(answer.header("Location")).as<Item>().owner->name, "Ada");
}

TEST_P(Service, AnOwnerWhoIsNotThereIs422) {
    auto const answer = client.post("/api/resources", json::Raw{R"({"name":"x","owner_id":99})"});
    EXPECT_EQ(answer.status, 422);
    EXPECT_EQ(answer.problem_code(), "reference_missing");
}

TEST_P(Service, AListOfAHundredWithOwnersAndTotalIsTwoStatements) {
    for (int i = 0; i < 120; ++i) {
        make("r" + std::to_string(i), 1 + i % 2);
    }
    auto const page = client.get("/api/resources?page_size=1000").as<Items>();
    EXPECT_EQ(page.items.size(), 100U);
    EXPECT_EQ(page.page_size, 100);
    EXPECT_EQ(page.total, 120);
    EXPECT_EQ(page.pages, 2);
    EXPECT_EQ(page.items[1].owner->name, "Bob");
    EXPECT_LE(client.statements(), 2U);
    client.get("/api/resources?page=2");
    EXPECT_EQ(client.statements(), 1U) << "the total of an unchanged table is kept";
}

TEST_P(Service, FiltersByNameAndAsJsonGiveTheSameRows) {
    make("a", 1, Status::active);
    make("b", 2, Status::archived);
    auto const named = client.get("/api/resources?status=archived&owner_id=2").as<Items>();
    auto const as_json =
        client.get("/api/resources?filters=%7B%22status%22:%22archived%22,%22owner_id%22:2%7D").as<Items>();
    ASSERT_EQ(named.items.size(), 1U);
    EXPECT_EQ(named.items[0].name, "b");
    ASSERT_EQ(as_json.items.size(), 1U);
    EXPECT_EQ(as_json.items[0].id, named.items[0].id);
}

TEST_P(Service, AWalkByCursorMeetsEachRowOnce) {
    std::vector<std::int64_t> made;
    for (int i = 0; i < 45; ++i) {
        made.push_back(make("r" + std::to_string(i)));
    }
    std::vector<std::int64_t> met;
    for (std::string cursor;;) {
        auto const page = client.get("/api/resources?page_size=10&total=none" + cursor).as<Items>();
        for (auto const& item : page.items) {
            met.push_back(item.id);
        }
        if (!page.next_cursor) {
            break;
        }
        cursor = "&cursor=" + *page.next_cursor;
    }
    EXPECT_EQ(met, made);
}

TEST_P(Service, AnUpdateOfAVersionThatIsGoneIs412AndChangesNothing) {
    auto const path = "/api/resources/" + std::to_string(make("before"));
    auto const tag = std::string(client.get(path).header("ETag"));
    EXPECT_EQ(client.put(path, json::Raw{R"({"name":"first"})"}, {{"If-Match", tag}}).status, 200);
    EXPECT_EQ(client.put(path, json::Raw{R"({"name":"second"})"}, {{"If-Match", tag}}).status, 412);
    auto const now = client.get(path).as<Item>();
    EXPECT_EQ(now.name, "first");
    EXPECT_EQ(now.version, 2);
}

TEST_P(Service, APatchLeavesWhatItDoesNotName) {
    auto const path = "/api/resources/" + std::to_string(make("kept", 2));
    EXPECT_EQ(client.patch(path, json::Raw{R"({"status":"archived"})"}).status, 200);
    auto const now = client.get(path).as<Item>();
    EXPECT_EQ(now.name, "kept");
    EXPECT_EQ(now.status, Status::archived);
    EXPECT_EQ(now.owner->name, "Bob");
}

TEST_P(Service, ADeletedResourceIsGone) {
    auto const path = "/api/resources/" + std::to_string(make("x"));
    EXPECT_EQ(client.del(path).status, 204);
    EXPECT_EQ(client.get(path).status, 404);
    EXPECT_EQ(client.del(path).status, 404);
}

TEST_P(Service, ARepeatedPostUnderOneKeyMakesOneRow) {
    brio::testing::Headers const key{{"Idempotency-Key", "k-1"}};
    auto const body = json::Raw{R"({"name":"once"})"};
    auto const first = client.post("/api/resources", body, key);
    auto const second = client.post("/api/resources", body, key);
    EXPECT_EQ(first.status, 201);
    EXPECT_EQ(second.status, 201);
    EXPECT_EQ(first.body, second.body);
    EXPECT_EQ(client.get("/api/resources").as<Items>().total, 1);
    EXPECT_EQ(client.post("/api/resources", json::Raw{R"({"name":"other"})"}, key).problem_code(),
              "idempotency_key_reused");
}

TEST_P(Service, AFailedPostFreesItsKey) {
    brio::testing::Headers const key{{"Idempotency-Key", "k-2"}};
    EXPECT_EQ(client.post("/api/resources", json::Raw{R"({"name":"x","owner_id":99})"}, key).status, 422);
    EXPECT_EQ(client.post("/api/resources", json::Raw{R"({"name":"x"})"}, key).status, 201);
}

TEST_P(Service, AnEmailIsTakenOnce) {
    auto const answer = client.post("/api/users", json::Raw{R"({"email":"ada@example.com","name":"Other"})"});
    EXPECT_EQ(answer.status, 409);
    EXPECT_EQ(answer.problem_code(), "duplicate");
}

TEST_P(Service, AUserBringsResourcesWhenTheyAreIncluded) {
    make("hers");
    EXPECT_EQ(client.get("/api/users/1").body.find("resources"), std::string::npos);
    auto const answer = client.get("/api/users/1?include=resources");
    EXPECT_NE(answer.body.find(R"("resources":[{)"), std::string::npos);
    EXPECT_EQ(client.statements(), 2U);
    EXPECT_EQ(client.get("/api/users/1?include=friends").status, 422);
}

// What the migrations make is what the model says.
TEST_P(Service, AProcessedResourceHasTheSummaryOfItsOwner) {
    for (int i = 0; i < 3; ++i) {
        client.post("/api/resources",
                    json::Raw{R"({"name":"a","description":"four","status":"active","owner_id":2})"});
    }
    client.post("/api/resources", json::Raw{R"({"name":"b","owner_id":1})"});
    auto const accepted = client.post("/api/resources/1/process", json::Raw{"{}"});
    EXPECT_EQ(accepted.status, 202);
    auto const of_task = "/api/tasks/" + accepted.as<Started>().task_id;
    EXPECT_EQ(client.get(of_task).as<TaskState>().state, "pending");
    EXPECT_EQ(tested.run_tasks(), 1u);
    auto const done = client.get(of_task).as<TaskState>();
    EXPECT_EQ(done.state, "done");
    ASSERT_TRUE(done.result);
    auto const summary = json::read<Summary>(done.result->text);
    ASSERT_TRUE(summary);
    EXPECT_EQ(summary->resource_id, Id<Resource>(1));
    EXPECT_EQ(summary->resources, 3);
    EXPECT_EQ(summary->active, 3);
    EXPECT_EQ(summary->mean_description, 4);
    // Again, it is the same row.
    client.post("/api/resources/1/process", json::Raw{"{}"});
    EXPECT_EQ(tested.run_tasks(), 1u);
    EXPECT_EQ(tested.run(tested.db().select(summaries).count()), 1u);
}

TEST_P(Service, AnUnknownTaskIs404AndSoIsWhatCannotBeProcessed) {
    EXPECT_EQ(client.get("/api/tasks/nobody").status, 404);
    EXPECT_EQ(client.post("/api/resources/77/process", json::Raw{"{}"}).status, 404);
    EXPECT_EQ(tested.run_tasks(), 0u);
}

TEST_P(Service, ATaskThatNoClientStartedIsNotShown) {
    auto const id = tested.run(tasks::Queue(tested.tasks()).push(ExpireSummaries{}));
    EXPECT_EQ(client.get("/api/tasks/" + id).status, 404);
    tested.run_tasks();
    EXPECT_EQ(client.get("/api/tasks/" + id).status, 404);
}

TEST_P(Service, OldSummariesExpire) {
    client.post("/api/resources", json::Raw{R"({"name":"a","owner_id":2})"});
    client.post("/api/resources/1/process", json::Raw{"{}"});
    tested.run_tasks();
    auto queue = tasks::Queue(tested.tasks());
    auto const kept = tested.run(queue.push(ExpireSummaries{}));
    auto const all = tested.run(queue.push(ExpireSummaries{.days = -1}));
    EXPECT_EQ(tested.run_tasks(), 2u);
    EXPECT_EQ(tested.run(queue.status(kept)).result, R"({"summaries":0})");
    EXPECT_EQ(tested.run(queue.status(all)).result, R"({"summaries":1})");
}

TEST_P(Service, TheMigrationsMakeTheModelsTables) {
    struct Column {
        std::string name;
    };
    auto const is_sqlite = GetParam() == brio::sql::Dialect::sqlite;
    auto const names_of = [&](std::string_view statement, std::string_view table) {
        std::vector<std::string> names;
        for (auto const& row :
             tested.run(tested.db().query<Column>(brio::db::Reads{"users"}, statement, std::string(table)))) {
            names.push_back(row.name);
        }
        return names;
    };
    auto const columns_of = [&](std::string_view table) {
        return names_of(is_sqlite ? "SELECT name FROM pragma_table_info($1) ORDER BY cid"
                                  : "SELECT column_name::text AS name FROM information_schema.columns "
                                    "WHERE table_name = $1 ORDER BY ordinal_position",
                        table);
    };
    auto const indexes_of = [&](std::string_view table) {
        return names_of(is_sqlite ? "SELECT name FROM sqlite_schema WHERE type = 'index' "
                                    "AND name LIKE 'idx_%' AND tbl_name = $1 ORDER BY name"
                                  : "SELECT indexname::text AS name FROM pg_indexes "
                                    "WHERE indexname LIKE 'idx_%' AND tablename = $1 ORDER BY indexname",
                        table);
    };
    auto const sorted = [](auto const& names) {
        std::vector<std::string> result(names.begin(), names.end());
        std::ranges::sort(result);
        return result;
    };
    auto const fields_of = [](auto const& names) {
        return std::vector<std::string>(names.begin(), names.end());
    };
    EXPECT_EQ(columns_of("users"), fields_of(brio::reflect::field_names<User>));
    EXPECT_EQ(columns_of("resources"), fields_of(brio::reflect::field_names<Resource>));
    EXPECT_EQ(indexes_of("users"), sorted(users.part_names));
    EXPECT_EQ(indexes_of("resources"), sorted(resources.part_names));
}

class Seed : public brio::db::test::OnEveryEngine {};
INSTANTIATE_TEST_SUITE_P(, Seed, brio::db::test::every_engine, brio::db::test::engine_name);

TEST_P(Seed, TheSameRequestGivesTheSameRowsAndRefusesADatabaseThatHasSome) {
    auto const filled = [] {
        EmptyDatabase const empty(GetParam());
        TestService tested(migrations, routes, empty.options());
        auto const request =
            brio::SeedRequest{tested.database(), 50, "", [](std::uint64_t, std::uint64_t) {}};
        EXPECT_EQ(tested.run(seed(request)), 50U);
        EXPECT_THROW(tested.run(seed(request)), std::runtime_error);
        return tested.client().get("/api/resources?page_size=100").body;
    };
    EXPECT_EQ(filled(), filled());
}

TEST(PackageIndex, ReadsParagraphsWithContinuedFields) {
    auto const packages = parse_packages(
        "Package: a\nMaintainer: Ä Ö <a@example.org>\nSection: games\nDescription: one\n two\n\n"
        "Package: without-maintainer\n\nPackage: b\nMaintainer: b@example.org\nDescription-md5: 0\n",
        10);
    ASSERT_EQ(packages.size(), 2U);
    EXPECT_EQ(packages[0].description, "one two");
    EXPECT_EQ(packages[1].description, "");
    auto const maintainer = parse_maintainer(packages[0].maintainer);
    EXPECT_EQ(maintainer.name, "Ä Ö");
    EXPECT_EQ(maintainer.address, "a@example.org");
    EXPECT_EQ(parse_maintainer("No Address").address, "No-Address@invalid");
}

}  // namespace
}  // namespace service
