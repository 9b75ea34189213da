#include <brio/db/postgres_allowance.hpp>

#include <algorithm>

#include <brio/base/clock.hpp>
#include <brio/base/log.hpp>

namespace brio::db::postgres {

Allowance::Allowance(std::size_t connections)
    : connections_(std::max(connections, least)),
      limit_("db_connections", connections_ - 1),
      bound_({.least = least, .most = connections_, .reserve = left_to_others}) {}

// At most half of them are shared ones: leases are what everything can do without.
std::size_t Allowance::leases_now() const noexcept {
    const auto all = bound_.bound() - 1;
    return all - std::min(set_aside_, all / 2);
}

std::size_t Allowance::leases() const {
    const std::scoped_lock lock(mutex_);
    return leases_now();
}

void Allowance::apply() {
    const auto all = bound_.bound() - 1;
    limit_.set_most(all);
    shared_most_ = std::min(set_aside_, all / 2);
    if (told_) {
        told_(leases_now());
    }
    const bool is_bounded = bound_.by() != BoundBy::setting;
    if (is_bounded != is_bounded_) {
        const Room& room = bound_.room();
        log_info(is_bounded ? "PostgreSQL has fewer connections left than this process may have"
                            : "PostgreSQL has as many connections left as this process may have",
                 {{"connections", bound_.bound()},
                  {"of", connections_},
                  {"server_has", room.most},
                  {"taken", room.used},
                  {"processes", room.processes}});
    }
    is_bounded_ = is_bounded;
}

std::size_t Allowance::set_aside(std::size_t wanted) {
    const std::scoped_lock lock(mutex_);
    const auto half = (connections_ - 1) / 2;
    const auto more = std::min(wanted, half - std::min(half, set_aside_));
    set_aside_ += more;
    apply();
    return more;
}

bool Allowance::try_open_shared() noexcept {
    if (shared_open_.fetch_add(1) >= shared_most_ || !limit_.try_take()) {
        --shared_open_;
        return false;
    }
    return true;
}

void Allowance::shared_closed() noexcept {
    --shared_open_;
    limit_.give_back();
}

void Allowance::look(std::chrono::nanoseconds now, const Room& room, std::size_t leased) {
    const std::scoped_lock lock(mutex_);
    bound_.look(now, room,
                {.open = static_cast<std::size_t>(limit_.used()) + 1, .needed = leased + shared_open_ + 1});
    apply();
}

void Allowance::refused() {
    ++refusals_;
    const std::scoped_lock lock(mutex_);
    bound_.refused(static_cast<std::size_t>(limit_.used()) + 1);
    apply();
}

std::vector<metrics::Callback> Allowance::gauges(metrics::Registry& registry) {
    std::vector<metrics::Callback> gauges;
    const auto add = [&](metrics::FamilySpec spec, metrics::LabelValues values, auto read) {
        gauges.push_back(registry.gauge_of(std::move(spec), values, [this, read] {
            const std::scoped_lock lock(mutex_);
            return static_cast<double>(read(bound_));
        }));
    };
    for (const auto by : {BoundBy::setting, BoundBy::server, BoundBy::share}) {
        add({.name = "db_connections_bound",
             .help =
                 "Connections that this process may have, by what bounds them: DATABASE_POOL, the server, "
                 "or its share beside other processes.",
             .labels = {"by"},
             .most_series = 3},
            {name_of(by)}, [by](const auto& its) { return its.by() == by ? its.bound() : 0; });
    }
    add({.name = "db_server_connections",
         .help = "Connections that the server has given, to whomever.",
         .labels = {}},
        {}, [](const auto& its) { return its.room().used; });
    add({.name = "db_server_connections_max",
         .help = "Connections that the server has, without those for superusers; 0 until it is known.",
         .labels = {}},
        {}, [](const auto& its) { return its.room().most; });
    gauges.push_back(
        registry.counter_of({.name = "db_connections_refused_total",
                             .help = "Connections that the server refused because it had no more.",
                             .labels = {}},
                            {}, [this] { return static_cast<double>(refusals_.load()); }));
    return gauges;
}

}  // namespace brio::db::postgres
