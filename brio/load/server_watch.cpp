#include <brio/load/server_watch.hpp>

#include <chrono>
#include <stdexcept>

#include <brio/base/text.hpp>
#include <brio/http/client.hpp>
#include <brio/http/client_url.hpp>
#include <brio/runtime/loop.hpp>
#include <brio/runtime/offload.hpp>
#include <brio/runtime/run.hpp>

namespace brio::load {
namespace {

constexpr std::chrono::milliseconds between{250};
constexpr std::chrono::milliseconds patience{5'000};
constexpr std::size_t most_levels = 10'000;  // 40 minutes of one run

http::ClientOptions client_options() {
    http::ClientOptions options{.timeout = patience};
    options.limits.body = 64 << 20;
    return options;
}

}  // namespace

std::string admin_url(const ServiceUrls& urls) {
    const auto target = http::parse_client_url(urls.target);
    const auto own_target = http::parse_client_url(urls.own_target);
    const auto own_admin = http::parse_client_url(urls.own_admin);
    if (!target) {
        return {};
    }
    if (own_target && own_admin && own_target->host == target->host) {
        return std::string(urls.own_admin);
    }
    constexpr std::uint16_t usual_port = 8000;
    const bool is_v6 = target->host.contains(':');
    return concat({"http://", is_v6 ? "[" : "", target->host, is_v6 ? "]" : "", ":",
                   integer_text(own_admin ? own_admin->port : usual_port)});
}

/// Asks and waits for the answer.
class ServerWatch::Caller {
public:
    explicit Caller(const AdminAddress& address) : url_(address.url), client_(client_options()) {
        if (!address.token.empty()) {
            options_.headers.emplace_back("Authorization", concat({"Bearer ", address.token}));
        }
    }

    /// Throws std::runtime_error when there is no answer that says well.
    std::string get(std::string_view target) {
        const auto answer = runtime::run(
            loop_,
            http::Outbound(client_, offload_).send({.url = concat({url_, target}), .options = options_}));
        if (!answer.is_success()) {
            throw std::runtime_error(concat({url_, target, " answers ", integer_text(answer.status),
                                             answer.status == 401 ? ": set BRIO_ADMIN_TOKEN" : ""}));
        }
        return std::string(answer.body());
    }

    ServerCounters counters() {
        ServerCounters counters = read_counters(get("/metrics"));
        const auto queries = ask("/api/queries");
        // a program without a database has none
        if (auto statements = read_statements(queries.body()); queries.is_success() && statements) {
            counters.statements = std::move(*statements);
        }
        return counters;
    }

private:
    http::OutboundAnswer ask(std::string_view target) {
        return runtime::run(
            loop_,
            http::Outbound(client_, offload_).send({.url = concat({url_, target}), .options = options_}));
    }

    const std::string url_;
    http::OutboundOptions options_;
    runtime::Loop loop_;
    http::Client client_;
    runtime::OffloadPool offload_{{.threads = 1}};
};

ServerWatch::ServerWatch(AdminAddress address) : address_(std::move(address)) {
    try {
        Caller caller(address_);
        const std::string metrics = caller.get("/metrics");
        if (!metrics.contains("\nhttp_requests_in_flight ")) {
            problem_ = concat({address_.url, " is not the admin port of a Brio server"});
        }
    } catch (const std::exception& error) {
        problem_ = concat({"nothing is known of the server itself: ", error.what()});
    }
}

ServerWatch::~ServerWatch() = default;

void ServerWatch::begin() {
    if (!problem_.empty()) {
        return;
    }
    has_begun_ = false;
    levels_.clear();
    first_.reset();
    last_.reset();
    thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return has_begun_; });
}

std::optional<ServerWindow> ServerWatch::end() {
    if (!thread_.joinable()) {
        return std::nullopt;
    }
    thread_.request_stop();
    thread_.join();
    if (!first_ || !last_) {
        return std::nullopt;
    }
    return window_of(*first_, *last_, levels_);
}

void ServerWatch::watch(const std::stop_token& stop) {
    const auto attempt = [](auto read) {
        try {
            read();
        } catch (const std::exception&) {
            // left out: a server beyond its limit may not answer in time
        }
    };
    Caller caller(address_);
    attempt([&] { first_ = caller.counters(); });
    {
        const std::lock_guard lock(mutex_);
        has_begun_ = true;
    }
    changed_.notify_all();
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, stop, between, [&] { return stop.stop_requested(); }) &&
           !stop.stop_requested()) {
        attempt([&] {
            const auto levels = read_levels(caller.get("/api/usage"));
            if (levels && levels_.size() < most_levels) {
                levels_.push_back(*levels);
            }
        });
    }
    attempt([&] { last_ = caller.counters(); });
}

}  // namespace brio::load
