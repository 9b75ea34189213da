#include <brio/app/admin_guard.hpp>

#include <gtest/gtest.h>

#include <brio/testing/client.hpp>

namespace brio::app {
namespace {

class AdminGuardTest : public ::testing::Test {
protected:
    AdminGuardTest() {
        for (auto const* path : {"/", "/dashboard/app.js", "/api/tasks"}) {
            router.add_endpoint(http::Method::get, path,
                                http::make_endpoint([] { return http::Response(); }));
        }
        router.post<"/api/retry">([] { return http::Response(); });
    }
    testing::TestClient& guarded_by(std::string token) {
        Settings settings;
        settings.admin_token = std::move(token);
        testing::TestOptions options;
        options.middlewares = admin_guards(settings);
        client.emplace(loop, router, services, std::move(options));
        return *client;
    }

    runtime::Loop loop;
    http::Router router;
    http::Services services;
    std::optional<testing::TestClient> client;
};

// The client's Host is `test`.
TEST_F(AdminGuardTest, APageOfAnotherSiteChangesNothing) {
    auto& own = guarded_by("");
    EXPECT_EQ(own.send("POST", "/api/retry").status, 200);
    EXPECT_EQ(own.send("POST", "/api/retry", {}, {{"Origin", "http://test"}}).status, 200);
    for (auto const* origin : {"http://evil.example", "null", "http://test:8080"}) {
        EXPECT_EQ(own.send("POST", "/api/retry", {}, {{"Origin", origin}}).status, 403) << origin;
        EXPECT_EQ(own.get("/api/tasks", {{"Origin", origin}}).status, 200) << origin;
    }
}

TEST_F(AdminGuardTest, TheDashboardsFilesNeedNoToken) {
    auto& own = guarded_by("s3cret");
    EXPECT_EQ(own.get("/").status, 200);
    EXPECT_EQ(own.get("/dashboard/app.js").status, 200);
    EXPECT_EQ(own.get("/api/tasks").status, 401);
    EXPECT_EQ(own.get("/api/tasks", {{"Authorization", "Bearer s3cret"}}).status, 200);
    EXPECT_EQ(own.get("/dashboard/none").status, 401);
}

}  // namespace
}  // namespace brio::app
