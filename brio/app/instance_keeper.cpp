#include <brio/app/instance_keeper.hpp>

#include <unistd.h>

#include <algorithm>
#include <array>

#include <brio/app/listing.hpp>
#include <brio/base/clock.hpp>
#include <brio/base/log.hpp>
#include <brio/base/random.hpp>
#include <brio/base/text.hpp>
#include <brio/http/parameters.hpp>
#include <brio/json/write.hpp>
#include <brio/runtime/errors.hpp>
#include <brio/runtime/within.hpp>

namespace brio::app {

namespace {

constexpr std::chrono::seconds patience{3};  // for the board

std::string machine_name() {
    char name[256] = {};
    return ::gethostname(name, sizeof name - 1) == 0 ? std::string(name) : std::string("unknown");
}

}  // namespace

std::string new_instance_id() {
    std::array<std::byte, 8> bytes{};
    random_bytes(bytes);
    std::string id;
    for (auto const byte : bytes) {
        constexpr std::string_view digits = "0123456789abcdef";
        id += digits[std::to_integer<std::size_t>(byte >> 4)];
        id += digits[std::to_integer<std::size_t>(byte & std::byte{15})];
    }
    return id;
}

std::string instance_id_of_worker(std::string_view id, std::size_t place) {
    return concat({id, ".", integer_text(place + 1)});
}

watch::Announcement introduce(const ProgramNow& program, std::string id, const std::string& admin_host,
                              std::uint16_t admin_port) {
    auto const host = machine_name();
    auto const is_everywhere = admin_host == "0.0.0.0" || admin_host == "::";
    return {.id = std::move(id),
            .version = program.version,
            .role = program.role,
            .host = host,
            .pid = program.pid,
            .api = program.api,
            .admin = admin_port == 0 ? "" : url_of(is_everywhere ? host : admin_host, admin_port),
            .began = program.began};
}

void describe_process(watch::Announcement& self, metrics::ProcessCollector& process, db::Database* database) {
    auto const sample = process.latest();
    self.cpu_percent = sample.cpu_percent;
    self.cores = sample.usage.cores;
    self.memory_bytes = sample.usage.memory_bytes;
    self.memory_limit_bytes = sample.usage.memory_limit_bytes;
    if (database != nullptr) {
        auto const pool = database->engine().occupancy();
        self.connections = watch::UseSaid{.used = pool.in_use, .most = pool.most};
    }
}

InstanceKeeper::InstanceKeeper(Parts parts)
    : parts_(std::move(parts)),
      processes_(parts_.registry.gauge({.name = "service_processes",
                                        .help = "Processes of this service that are known here.",
                                        .labels = {"state"}})),
      announcements_(parts_.registry.counter({.name = "service_announcements_total",
                                              .help = "What this process said of itself to the others.",
                                              .labels = {"result"}})),
      asked_(monotonic_now()) {
    say_of_others();
}

Async<bool> InstanceKeeper::told_to_leave() {
    if (!is_leaving_) {
        co_await leaving_.wait();
    }
    co_return true;
}

void InstanceKeeper::leave() {
    is_leaving_ = true;
    leaving_.notify_all();
}

Async<void> InstanceKeeper::keep() {
    if (!parts_.board) {
        co_return;
    }
    try {
        while (!is_leaving_) {
            co_await exchange();
            co_await runtime::within(watch::instance_says_every, told_to_leave());
        }
        co_await take_off();
    } catch (const runtime::Cancelled&) {  // the process ends
    }
}

Async<void> InstanceKeeper::exchange() {
    struct Exchange {
        static Async<bool> with(InstanceBoard* board, InstanceBoard::Told told,
                                std::vector<InstanceBoard::Read>* found) {
            co_await board->tell(std::move(told));
            *found = co_await board->read();
            co_return true;
        }
    };
    auto self = parts_.self;
    parts_.add_figures(self);
    std::vector<InstanceBoard::Read> found;
    std::string problem;
    try {
        InstanceBoard::Told told{.id = self.id, .pid = self.pid, .text = json::to_string(self)};
        auto const done =
            co_await runtime::within(patience, Exchange::with(parts_.board.get(), std::move(told), &found));
        problem = done ? "" : "it does not answer";
    } catch (const runtime::Cancelled&) {
        throw;
    } catch (const std::exception& error) {
        problem = error.what();
    }
    announcements_.with({problem.empty() ? "told" : "failed"}).add(parts_.registry.here());
    if (problem.empty()) {
        heard_ = heard_of(found);
        asked_ = monotonic_now();
        say_of_others();
    }
    if (problem.empty() != problem_.empty()) {
        if (problem.empty()) {
            log_info("this process is announced to the others of its service again",
                     {{"through", parts_.board->words()}});
        } else {
            log_warning("this process cannot be announced to the others of its service",
                        {{"through", parts_.board->words()}, {"why", problem}});
        }
    }
    problem_ = std::move(problem);
}

Async<void> InstanceKeeper::take_off() {
    struct TakeOff {
        static Async<bool> from(InstanceBoard* board, std::string id, std::int64_t pid) {
            co_await board->leave(std::move(id), pid);
            co_return true;
        }
    };
    try {
        co_await runtime::within(patience,
                                 TakeOff::from(parts_.board.get(), parts_.self.id, parts_.self.pid));
    } catch (const runtime::Cancelled&) {
        throw;
    } catch (const std::exception&) {  // it is gone soon for the others
    }
}

std::vector<watch::Heard> InstanceKeeper::heard_now() const {
    auto heard = heard_;
    std::erase_if(heard, [this](const auto& each) { return each.said.id == parts_.self.id; });
    auto& self = heard.emplace_back(watch::Heard{.said = parts_.self});
    parts_.add_figures(self.said);
    return heard;
}

watch::InstancesNow InstanceKeeper::now() const {
    auto now = watch::judge_instances(heard_now(), parts_.self.id, parts_.registry.edges());
    if (parts_.board) {
        now.through = parts_.board->words();
        now.problem = problem_;
        now.asked_seconds_ago = std::chrono::duration<double>(monotonic_now() - asked_).count();
    }
    if (parts_.needs) {
        now.needs = parts_.needs();
    }
    return now;
}

std::vector<watch::Announcement> InstanceKeeper::up() const {
    std::vector<watch::Announcement> up;
    for (auto& each : heard_now()) {
        if (each.ago < watch::instance_gone_after) {
            up.push_back(std::move(each.said));
        }
    }
    return up;
}

void InstanceKeeper::say_of_others() {
    std::uint64_t up = 1;
    std::uint64_t gone = 0;
    for (auto const& each : heard_) {
        if (each.said.id != parts_.self.id) {
            ++(each.ago < watch::instance_gone_after ? up : gone);
        }
    }
    processes_.with({"up"}).set(static_cast<double>(up));
    processes_.with({"gone"}).set(static_cast<double>(gone));
}

namespace {

struct SendInstances {
    const InstanceKeeper* keeper;

    http::Response operator()() const {
        http::Response response;
        response.json(json::to_string(keeper->now())).cache_control("no-store");
        return response;
    }
};

}  // namespace

void add_instance_routes(http::Router& router, const InstanceKeeper& keeper) {
    router.get<"/api/instances">(SendInstances{&keeper});
}

}  // namespace brio::app
