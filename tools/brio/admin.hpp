// A running service at its admin port, for commands that need nothing of its program: every answer is JSON.
//
// For one loop.
#pragma once
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include <brio/http/client.hpp>
#include <brio/json/read.hpp>
#include <brio/runtime/offload.hpp>

namespace brio::tool {

inline constexpr std::string_view usual_admin = "http://127.0.0.1:8000";

/// What somebody types for an admin port: a whole URL, "web-1:8001", ":8001", "8001". Throws
/// std::invalid_argument that says what is wrong.
std::string admin_url_of(std::string_view typed);

/// There is no answer that says well. The message says what to do.
class AdminFailed : public std::runtime_error {
public:
    enum class Cause : std::uint8_t {
        nobody,     // nobody answers there
        token,      // one is asked for, or another one
        stranger,   // it is no admin port of a service
        absent,     // this service, or this kind of process, has nothing of it: 404
        refused,    // it says why
        unreadable  // the answer is of another kind: a service of another version
    };
    AdminFailed(Cause failed, const std::string& words) : std::runtime_error(words), cause(failed) {}
    Cause cause;
};

/// What all services are asked with.
struct AdminClient {
    explicit AdminClient(std::chrono::milliseconds timeout);

    http::Client client;
    runtime::OffloadPool offload{{.threads = 1}};
};

class Admin {
public:
    /// `url` is as admin_url_of() gives it; `token` empty: none. The client outlives it.
    Admin(AdminClient& client, std::string url, std::string_view token);

    const std::string& url() const noexcept { return url_; }

    /// The body of an answer that says well. Throws AdminFailed. `body`: JSON, empty for none.
    Async<std::string> ask(std::string method, std::string target, std::string body = {}) const;

    template <class T>
    Async<T> get(std::string target) const {
        const auto body = co_await ask("GET", target);
        co_return read<T>(target, body);
    }
    template <class T>
    Async<T> change(std::string method, std::string target, std::string body = {}) const {
        const auto answer = co_await ask(std::move(method), target, std::move(body));
        co_return read<T>(target, answer);
    }

private:
    template <class T>
    T read(std::string_view target, std::string_view body) const {
        auto value = json::read<T>(body, {.bytes = SIZE_MAX});
        if (!value) {
            fail_to_read(target, json::describe(value.error()));
        }
        return std::move(*value);
    }
    [[noreturn]] void fail_to_read(std::string_view target, std::string_view why) const;

    AdminClient* client_;
    std::string url_;
    http::OutboundOptions options_;
};

/// BRIO_ADMIN_TOKEN of the environment; empty: none.
std::string admin_token();
/// A part of a path, or a value of a query: with everything escaped that means something there.
std::string escaped(std::string_view text);

}  // namespace brio::tool
