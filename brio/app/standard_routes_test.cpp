#include <brio/app/standard_routes.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <brio/app/admin.hpp>
#include <brio/cache/caches.hpp>
#include <brio/testing/client.hpp>

namespace brio::app {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

Async<std::optional<NotReady>> broken() {
    co_return NotReady{.code = "database_unavailable", .detail = "gone"};
}

// The standard routes of a program, asked in process.
struct Fixture {
    explicit Fixture(Readiness::Check check = {}, const std::function<void(http::Router&)>& own = {})
        : readiness(std::move(check)),
          standard(router, {.title = "Shop & Co", .version = "7"}) {
        if (own) {
            own(router);
        }
        standard.add();
        services.add(readiness);
        client.emplace(loop, router, services);
    }
    runtime::Loop loop;
    http::Router router;
    Readiness readiness;
    StandardRoutes standard;
    http::Services services;
    std::optional<testing::TestClient> client;
};

TEST(StandardRoutes, HealthIsNotKeptByAnyone) {
    Fixture program;
    auto const answer = program.client->get("/healthz");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, R"({"status":"ok"})");
    EXPECT_EQ(answer.header("Cache-Control"), "no-store");
    EXPECT_EQ(answer.header("ETag"), "");
}

TEST(StandardRoutes, ADrainingProcessIsHealthyButNotReady) {
    Fixture program;
    EXPECT_EQ(program.client->get("/readyz").status, 200);
    program.readiness.set_draining();
    auto const answer = program.client->get("/readyz");
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.problem_code(), "draining");
    EXPECT_EQ(answer.header("Retry-After"), "1");
    EXPECT_EQ(program.client->get("/healthz").status, 200);
}

TEST(StandardRoutes, AProcessWhoseDatabaseIsGoneIsNotReady) {
    Fixture program(broken);
    auto const answer = program.client->get("/readyz");
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.problem_code(), "database_unavailable");
}

TEST(StandardRoutes, TheDocumentIsAnswered304ToWhoHasIt) {
    Fixture program;
    auto const first = program.client->get("/openapi.json");
    EXPECT_EQ(first.status, 200);
    EXPECT_EQ(first.header("Content-Type"), "application/json");
    EXPECT_THAT(first.body, StartsWith(R"({"openapi":"3.1.0")"));
    auto const again =
        program.client->get("/openapi.json", {{"If-None-Match", std::string(first.header("ETag"))}});
    EXPECT_EQ(again.status, 304);
    EXPECT_EQ(again.body, "");
    EXPECT_EQ(program.client->get("/openapi.json", {{"If-None-Match", "\"other\""}}).status, 200);
}

TEST(StandardRoutes, TheDocumentDescribesHealthButNotThePages) {
    Fixture program;
    auto const document = program.client->get("/openapi.json").body;
    EXPECT_THAT(document, HasSubstr(R"("/healthz":{)"));
    EXPECT_THAT(document, Not(HasSubstr(R"("/docs)")));
}

TEST(StandardRoutes, TheFirstPageLinksTheOthersAndEscapesItsTitle) {
    Fixture program;
    auto const answer = program.client->get("/");
    EXPECT_EQ(answer.header("Content-Type"), "text/html; charset=utf-8");
    EXPECT_THAT(answer.body, HasSubstr("<h1>Shop &amp; Co</h1>"));
    for (auto const* path : {"/docs", "/openapi.json", "/healthz", "/readyz"}) {
        EXPECT_THAT(answer.body, HasSubstr("href=\"" + std::string(path) + "\""));
        EXPECT_EQ(program.client->get(path).status, 200) << path;
    }
}

TEST(StandardRoutes, HeadHasTheHeadersOfGetAndNoBody) {
    Fixture program;
    auto const get = program.client->get("/docs");
    auto const head = program.client->send("HEAD", "/docs");
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(head.header("Content-Length"), get.header("Content-Length"));
    EXPECT_EQ(head.header("ETag"), get.header("ETag"));
}

TEST(StandardRoutes, ARouteOfTheProgramComesFirst) {
    Fixture program({}, [](http::Router& router) {
        router.get<"/">([]() { return std::string("mine"); });
        router.get<"/healthz">([]() { return std::string("fine"); });
    });
    EXPECT_EQ(program.client->get("/").body, "mine");
    EXPECT_EQ(program.client->get("/healthz").body, "fine");
    EXPECT_EQ(program.client->get("/readyz").status, 200);
}

TEST(AdminRoutes, MetricsComeInTheFormatThatIsAccepted) {
    runtime::Loop loop;
    http::Router router;
    metrics::Registry registry;
    metrics::Seat const seat(registry);
    registry.counter({.name = "things_total", .help = "Things.", .labels = {}})
        .with({})
        .add(registry.here(), 3);
    cache::Caches caches;
    AdminParts parts{.program = "shop", .registry = registry, .caches = caches};
    add_admin_routes(router, parts);
    http::Services const services;
    testing::TestClient client(loop, router, services);
    auto const text = client.get("/metrics");
    EXPECT_THAT(text.header("Content-Type"), StartsWith("text/plain; version=0.0.4"));
    EXPECT_THAT(text.body, HasSubstr("\nthings_total 3\n"));
    auto const open = client.get("/metrics", {{"Accept", "application/openmetrics-text"}});
    EXPECT_THAT(open.header("Content-Type"), StartsWith("application/openmetrics-text"));
    EXPECT_THAT(open.body, HasSubstr("# EOF"));
    EXPECT_THAT(client.get("/").body, HasSubstr("href=\"/metrics\""));
}

}  // namespace
}  // namespace brio::app
