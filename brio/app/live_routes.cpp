#include <brio/app/live_routes.hpp>

#include <map>

#include <brio/base/clock.hpp>
#include <brio/base/recent_log.hpp>
#include <brio/http/parameters.hpp>
#include <brio/http/stream.hpp>

namespace brio::app {

namespace {

// One that is gone is noticed by the kernel; one that comes again does so at once, to the next process.
constexpr http::EventStreamOptions followed{.retry = std::chrono::seconds(1)};

struct Now {
    Timestamp at;
};

Async<void> follow(http::EventWriter events, Live* live) {
    std::map<std::string_view, std::uint64_t> sent;  // their versions
    while (!live->has_stopped()) {
        if (!events.is_behind()) {
            const auto sections = live->sections();
            for (const auto& section : *sections) {
                if (std::exchange(sent[section.name], section.version) != section.version) {
                    co_await events.send({.event = section.name, .data = section.json});
                }
            }
            co_await events.send({.event = "now"}, Now{Timestamp(wall_now())});
        }
        co_await live->made().wait();
    }
}

struct FollowLive {
    Live* live;

    http::EventStream operator()() const { return http::EventStream(followed, follow, live); }
};

struct SendProgram {
    Live* live;

    http::Response operator()() const {
        http::Response response;
        response.json(json::to_string(live->program_and_paths())).cache_control("no-store");
        return response;
    }
};

struct SendWork {
    Live* live;

    http::Response operator()() const {
        http::Response response;
        response.json(json::to_string(live->work())).cache_control("no-store");
        return response;
    }
};

enum class Least : std::uint8_t { warning, error };
struct LogQuery {
    Least least = Least::warning;
};

http::Response send_log(http::Query<LogQuery> query) {
    const auto& log = recent_log();
    LogReport report{.warnings = log.count(Severity::warning), .errors = log.count(Severity::error)};
    for (auto& line : log.lines(query->least == Least::error ? Severity::error : Severity::warning)) {
        report.lines.push_back({.number = line.number,
                                .at = Timestamp(line.time),
                                .level = line.severity == Severity::error ? "error" : "warning",
                                .process = line.process,
                                .message = std::move(line.message),
                                .fields = json::Raw(std::move(line.fields)),
                                .times = line.times});
    }
    http::Response response;
    response.json(json::to_string(report)).cache_control("no-store");
    return response;
}

}  // namespace

void add_live_routes(http::Router& router, Live& live) {
    router.get<"/api/live">(FollowLive{&live});
    router.get<"/api/program">(SendProgram{&live});
    router.get<"/api/work">(SendWork{&live});
    router.get<"/api/log">(send_log);
}

}  // namespace brio::app
