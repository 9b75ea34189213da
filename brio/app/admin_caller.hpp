// Asks the running program at its admin port: for the commands that are about what runs.
#pragma once
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include <brio/app/settings.hpp>
#include <brio/http/client.hpp>
#include <brio/runtime/loop.hpp>
#include <brio/runtime/offload.hpp>

namespace brio::app {

/// The program does not run, or not there.
class NobodyAnswers : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class AdminCaller {
public:
    struct Bounds {
        std::chrono::milliseconds timeout{10'000};  // of a request
        std::uint64_t body = 64 << 20;              // bytes of an answer
    };
    /// The settings have an admin port.
    explicit AdminCaller(const Settings& settings) : AdminCaller(settings, Bounds{}) {}
    AdminCaller(const Settings& settings, Bounds bounds);

    /// Its answer, a success, which this waits for. With the token of the settings, when there is one. Throws
    /// NobodyAnswers, or std::runtime_error with what it says against it.
    http::OutboundAnswer call(std::string method, std::string_view target);
    void rest(std::chrono::nanoseconds time);
    /// "http://127.0.0.1:8000".
    const std::string& server() const noexcept { return server_; }

private:
    const std::string server_;
    http::OutboundOptions options_;
    runtime::Loop loop_;
    http::Client client_;
    runtime::OffloadPool offload_{{.threads = 1}};
};

}  // namespace brio::app
