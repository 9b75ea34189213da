#include <brio/app/scale_advisor.hpp>

#include <algorithm>
#include <array>

#include <brio/base/clock.hpp>
#include <brio/base/log.hpp>
#include <brio/watch/work_reading.hpp>

namespace brio::app {

namespace {

// What a request is refused for where one more process would help: not what all of them wait for.
constexpr std::array<std::string_view, 5> own_reasons{"in_flight", "loop", "handler", "offload", "streams"};

bool is_own(std::string_view reason) { return std::ranges::find(own_reasons, reason) != own_reasons.end(); }

double part_of(std::uint64_t used, std::uint64_t most) {
    return most == 0 ? 0 : std::min(1.0, static_cast<double>(used) / static_cast<double>(most));
}

std::uint64_t shed_for_own_reasons(metrics::Registry& registry) {
    std::uint64_t shed = 0;
    registry.visit([&shed](const metrics::FamilyView& family) {
        if (family.spec.name != "http_requests_shed_total") {
            return;
        }
        for (auto const& series : family.series) {
            if (is_own(watch::label_of(family, series, "reason"))) {
                shed += static_cast<std::uint64_t>(series.value);
            }
        }
    });
    return shed;
}

/// Of the bounds that a process has for itself.
double fullest(http::Server& api, std::chrono::nanoseconds now) {
    auto most = part_of(api.in_flight().used(), api.in_flight().most());
    for (auto const& route : api.router().routes()) {
        if (route->gate == nullptr) {
            continue;
        }
        auto const state = route->gate->state(now);
        if (state.limit && state.cause && is_own(ledger::name(*state.cause))) {
            most = std::max(most, part_of(state.in_flight, *state.limit));
        }
    }
    return most;
}

}  // namespace

ScaleAdvisor::ScaleAdvisor(Parts parts)
    : parts_(std::move(parts)),
      servers_{.what = "servers",
               .gauge = parts_.registry
                            .gauge({.name = "brio_instances_wanted",
                                    .help = "Server processes that the present load of the service needs.",
                                    .labels = {}})
                            .with({}),
               .wanted = {},
               .need = {}},
      again_(parts_.loop, *this, &ScaleAdvisor::look) {
    servers_.gauge.set(1);
    if (parts_.waiting) {
        workers_.emplace(
            Of{.what = "workers",
               .gauge = parts_.registry
                            .gauge({.name = "brio_workers_wanted",
                                    .help = "Worker processes that the tasks of the service need.",
                                    .labels = {}})
                            .with({}),
               .wanted = {},
               .need = {}});
        workers_->gauge.set(1);
    }
}

void ScaleAdvisor::look_at_own() {
    auto const now = monotonic_now();
    auto const shed = shed_for_own_reasons(parts_.registry);
    auto const seconds = std::chrono::duration<double>(now - looked_).count();
    shed_per_second_ =
        shed_ && seconds > 0 && shed > *shed_ ? static_cast<double>(shed - *shed_) / seconds : 0;
    shed_ = shed;
    looked_ = now;
    filled_ = fullest(parts_.api, now);
}

void ScaleAdvisor::look() {
    look_at_own();
    std::vector<watch::ServerLoad> servers;
    std::vector<watch::WorkerLoad> workers;
    for (auto const& each : parts_.up()) {
        auto const per_second = each.work.seconds > 0 ? watch::count_of(each.work) / each.work.seconds : 0;
        if (each.role == "worker") {
            workers.push_back({.cpu_percent = each.cpu_percent,
                               .per_second = per_second,
                               .running = each.running.used,
                               .slots = std::max(each.running.most, each.slots_most)});
        } else {
            servers.push_back({.cpu_percent = each.cpu_percent,
                               .cores = each.cores,
                               .filled = each.filled,
                               .per_second = per_second,
                               .shed_per_second = each.shed_per_second});
        }
    }
    judge(servers_, watch::servers_needed(servers, parts_.goals), servers.size());
    if (workers_) {
        judge(*workers_, watch::workers_needed(workers, parts_.waiting(), parts_.goals), workers.size());
    }
    again_.in(looks_every);
}

void ScaleAdvisor::judge(Of& of, watch::Need need, std::size_t has) {
    auto const before = of.wanted.count();
    auto const is_first = of.has == 0;
    of.need = std::move(need);
    of.has = has;
    auto const count = of.wanted.look(monotonic_now(), has, of.need.count);
    of.gauge.set(static_cast<double>(count));
    if (count != before && count != has && !is_first) {
        log_info(of.what == "servers" ? "the load needs another number of server processes"
                                      : "the tasks need another number of worker processes",
                 {{"from", before}, {"to", count}, {"has", has}, {"why", of.need.words}});
    }
}

void ScaleAdvisor::add_load(watch::Announcement& self) const {
    self.filled = filled_;
    self.shed_per_second = shed_per_second_;
}

std::vector<watch::NeedNow> ScaleAdvisor::needs() const {
    std::vector<watch::NeedNow> needs;
    auto const add = [&needs](const Of& of) {
        needs.push_back(watch::describe_need(of.what, of.need, of.wanted.count(), of.has));
    };
    add(servers_);
    if (workers_) {
        add(*workers_);
    }
    return needs;
}

}  // namespace brio::app
