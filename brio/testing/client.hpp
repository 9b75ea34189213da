// Asks a router within the test's own process and thread, over a socketpair: everything but TCP is as it will
// be.
//
//     TestClient client(loop, router, services);
//     auto const answer = client.get("/api/resources?page=2");
//     EXPECT_EQ(answer.status, 200);
//     EXPECT_EQ(answer.as<Page>().total, 40);
//     EXPECT_EQ(client.statements(), 2);
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <brio/http/middleware.hpp>
#include <brio/http/router.hpp>
#include <brio/http/server.hpp>
#include <brio/http/services.hpp>
#include <brio/json/write.hpp>
#include <brio/tasks/tasks.hpp>
#include <brio/testing/answer.hpp>

namespace brio::testing {

struct TestOptions {
    http::ServerOptions server = {};
    std::vector<http::Middleware> middlewares = {};
    std::chrono::milliseconds patience{10'000};          // for one answer; then the test has failed
    std::string database_url = {};                       // TestService's: an empty database instead of a file
    brio::tasks::TaskSet tasks = {};                     // TestService's: what the program's App was given
    std::function<void(http::Services&)> services = {};  // TestService's: adds what the program adds
};

/// One keep-alive connection; a new one after the server closed it.
class TestClient {
public:
    /// All three outlive the client. A service that a route needs and `services` lacks stops the test.
    TestClient(runtime::Loop& loop, http::Router& router, const http::Services& services,
               TestOptions options = {});
    TestClient(const TestClient&) = delete;
    TestClient& operator=(const TestClient&) = delete;
    ~TestClient();

    /// Throws std::runtime_error when no answer came in time.
    Answer send(std::string_view method, std::string_view target, std::string_view body = {},
                Headers headers = {});
    Answer get(std::string_view target, Headers headers = {}) {
        return send("GET", target, {}, std::move(headers));
    }
    Answer del(std::string_view target, Headers headers = {}) {
        return send("DELETE", target, {}, std::move(headers));
    }
    /// `body` is anything that json writes; json::Raw for text that is JSON already, or is not.
    template <class T>
    Answer post(std::string_view target, const T& body, Headers headers = {}) {
        return send("POST", target, json::to_string(body), std::move(headers));
    }
    template <class T>
    Answer put(std::string_view target, const T& body, Headers headers = {}) {
        return send("PUT", target, json::to_string(body), std::move(headers));
    }
    template <class T>
    Answer patch(std::string_view target, const T& body, Headers headers = {}) {
        return send("PATCH", target, json::to_string(body), std::move(headers));
    }

    /// Statements that the last request ran; expect_queries() of statements.hpp says which.
    std::uint32_t statements() const noexcept { return statements_; }
    metrics::Registry& registry() noexcept { return registry_; }
    http::Server& server() noexcept { return *server_; }
    http::ServerLoop& server_loop() noexcept { return *part_; }

private:
    void connect();

    runtime::Loop& loop_;
    std::chrono::milliseconds patience_;
    metrics::Registry registry_;
    ledger::RequestMetrics request_metrics_;
    metrics::Seat seat_;
    std::uint32_t statements_ = 0;
    std::optional<http::Server> server_;
    std::optional<http::ServerLoop> part_;
    runtime::File socket_;
    std::string received_;
};

}  // namespace brio::testing
