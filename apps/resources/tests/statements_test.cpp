// What the service's routes ask of the database, and how a route that asks badly is found out.
#include <brio/db/database.hpp>
#include <brio/testing/service.hpp>
#include <brio/testing/statements.hpp>

#include <gtest/gtest.h>

#include "../handlers.hpp"
#include "../migrations.hpp"
#include "../routes.hpp"

namespace service {
namespace {

using brio::testing::expect_queries;
using brio::testing::statements_of;
using brio::testing::TestService;

/// What nobody should write: the owner of each resource by a statement of its own.
Async<std::vector<User>> owners_one_by_one(Db db) {
    std::vector<User> owners;
    for (auto const& row : co_await db.select(resources).limit(30).all()) {
        owners.push_back(http::require(co_await db.find(users, row.owner_id), http::not_found("owner")));
    }
    co_return owners;
}

void routes_and_a_bad_one(http::Router& api) {
    routes(api);
    api.get<"/test/owners">(owners_one_by_one, {.statements = 4});
}

class Statements : public ::testing::Test {
protected:
    Statements() : tested(migrations, routes_and_a_bad_one), client(tested.client()) {
        tested.run(tested.db().insert(users, NewUser{Text<254, 3>("ada@example.com"), Text<120, 1>("Ada")}));
        for (int i = 0; i < 30; ++i) {
            auto const name = "resource " + std::to_string(i);
            client.post("/api/resources",
                        NewResource{Text<120, 1>(name), Text<2000>(), Status::active, Id<User>(1)});
        }
    }
    TestService tested;
    brio::testing::TestClient& client;
};

TEST_F(Statements, APageWithOwnersIsOneStatementAndItsTotalAnother) {
    auto const first = client.get("/api/resources?page_size=30");
    expect_queries(first, 2);
    EXPECT_EQ(statements_of(first), 2u);
    expect_queries(client.get("/api/resources?page_size=30"), 1);  // the total is kept
    expect_queries(client.get("/api/resources?page_size=30&total=none"), 1);
    expect_queries(client.get("/api/resources/3"), 1);
    expect_queries(client.get("/api/users/1?include=resources"), 2);
    EXPECT_EQ(client.get("/api/resources").header("X-Brio-Warning"), "");
}

TEST_F(Statements, ARouteThatAsksForOwnersOneByOneIsNamedWithWhatMendsIt) {
    auto const answer = client.get("/test/owners");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("X-Brio-Statements"), "31 (30 x users by id, 1 x resources select)");
    EXPECT_TRUE(answer.header("X-Brio-Warning").starts_with("n+1: users by id ran 30 times; read users"))
        << answer.header("X-Brio-Warning");
    auto const findings = tested.database().watch().findings();
    ASSERT_EQ(findings.repeated.size(), 1u);
    EXPECT_EQ(findings.repeated[0].endpoint, "/test/owners");
    EXPECT_EQ(findings.repeated[0].runs, 30u);
    EXPECT_GT(findings.repeated[0].share, 0.0);
    ASSERT_EQ(findings.over_budget.size(), 1u);
    EXPECT_EQ(findings.over_budget[0].budget, 4u);
}

TEST_F(Statements, ATestThatAllowsFewerFailsWithTheListOfWhatRan) {
    auto const answer = client.get("/test/owners");
    try {
        expect_queries(answer, 2);
        FAIL() << "31 statements are more than 2";
    } catch (const std::runtime_error& error) {
        EXPECT_NE(std::string_view(error.what())
                      .find("at most 2 statements were expected; it ran 31 (30 x "
                            "users by id, 1 x resources select)\nn+1: users by id"),
                  std::string_view::npos)
            << error.what();
    }
}

}  // namespace
}  // namespace service
