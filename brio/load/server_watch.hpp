// Reads what the server under test says of itself at its admin port, around and during a run.
//
// A thread of its own asks for levels four times a second while a run is watched. A reading that fails is
// left out; the first that does says why the server cannot be watched.
#pragma once
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <brio/load/server_reading.hpp>

namespace brio::load {

struct AdminAddress {
    std::string url;    // "http://127.0.0.1:8000"
    std::string token;  // empty: none is asked for
};

/// What is known of where a service is.
struct ServiceUrls {
    std::string_view target = {};      // of the load test
    std::string_view own_target = {};  // of the service that the program would run itself; empty: none
    std::string_view own_admin = {};   // of its admin port; empty: none
};
/// The admin port of the target: the program's own when the target is on its host, else the same port, by
/// default 8000, of the target's host. Empty for a target that is no URL.
std::string admin_url(const ServiceUrls& urls);

/// For one thread.
class ServerWatch {
public:
    /// Asks once, so that problem() tells whether there is somebody.
    explicit ServerWatch(AdminAddress address);
    ServerWatch(const ServerWatch&) = delete;
    ServerWatch& operator=(const ServerWatch&) = delete;
    ~ServerWatch();

    /// Why the server cannot be watched, as a sentence; empty when it can.
    const std::string& problem() const noexcept { return problem_; }

    /// Returns once the counters are read.
    void begin();
    /// What happened since begin(); nothing when it could not be read.
    std::optional<ServerWindow> end();

private:
    class Caller;

    void watch(const std::stop_token& stop);

    const AdminAddress address_;
    std::string problem_;
    std::optional<ServerCounters> first_;
    std::optional<ServerCounters> last_;
    std::vector<ServerLevels> levels_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    bool has_begun_ = false;
    std::jthread thread_;
};

}  // namespace brio::load
