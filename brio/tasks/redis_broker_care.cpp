// What those do to a Redis broker who look after its tasks and its workers.
#include <algorithm>
#include <numeric>
#include <ranges>

#include <brio/base/random.hpp>
#include <brio/base/text.hpp>
#include <brio/reflect/uuid.hpp>
#include <brio/tasks/celery_message.hpp>
#include <brio/tasks/redis_broker.hpp>
#include <brio/tasks/redis_scripts.hpp>
#include <brio/tasks/redis_status.hpp>

namespace brio::tasks {
namespace {

namespace scripts = redis_scripts;

constexpr std::size_t purged_at_once = 500;

/// When the envelope became ready, as far as it says.
std::optional<Timestamp> ready_since(std::string_view envelope, std::string_view queue) {
    const auto message = read_celery(envelope, queue);
    if (!message || (!message->due && message->pushed_at == Timestamp())) {
        return std::nullopt;
    }
    return message->due.value_or(message->pushed_at);
}

std::string_view line_of(std::string_view info, std::string_view name) {
    for (std::size_t at = 0; at < info.size();) {
        const std::size_t end = std::min(info.find('\n', at), info.size());
        const std::string_view line = trim(info.substr(at, end - at));
        if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == ':') {
            return line.substr(name.size() + 1);
        }
        at = end + 1;
    }
    return {};
}

}  // namespace

Async<std::vector<Status>> RedisBroker::recover(std::chrono::milliseconds lease, int most_deaths) {
    auto reply = co_await ask(redis::Command("HGETALL", "brio:workers"));
    auto parts = reply.take_elements();
    std::vector<std::pair<std::string, std::string>> gone;  // with their beats
    {
        const auto monotonic = clocks_.monotonic();
        const std::scoped_lock lock(mutex_);
        for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
            const auto beats = static_cast<std::uint64_t>(parts[i + 1].integer().value_or(0));
            if (workers_.of(parts[i].text(), beats, monotonic, lease / 3) >= lease) {
                gone.emplace_back(parts[i].text(), parts[i + 1].text());
            }
        }
        workers_.forget_before(monotonic);
    }
    std::vector<Status> back;
    for (auto& [worker, beats] : gone) {
        auto ids = co_await run(scripts::take_back(), Words{worker, now(), integer_text(most_deaths), beats});
        for (redis::Reply& each : ids.take_elements()) {
            back.push_back(co_await status(each.take_text()));
        }
    }
    co_return back;
}

Async<void> RedisBroker::tell_death(std::vector<Held> held, std::string words) {
    Words all{std::move(words)};
    for (Held& each : held) {
        all.push_back(std::move(each.id));
        all.push_back(integer_text(each.fence));
    }
    co_await run(scripts::tell_death(), std::move(all));
}

Async<std::vector<QueueStatus>> RedisBroker::queues() {
    const auto reply = co_await run(scripts::queues(), Words{now()});
    std::vector<QueueStatus> all;
    for (const redis::Reply& each : reply.elements()) {
        const auto row = each.elements();
        constexpr std::size_t counts = 6;
        if (row.size() < counts) {
            continue;
        }
        const auto count = [&](std::size_t at) {
            return static_cast<std::uint64_t>(row[at].integer().value_or(0));
        };
        QueueStatus queue{.name = std::string(row[0].text()),
                          .ready = count(1),
                          .scheduled = count(2),
                          .running = count(3),
                          .dead = count(4),
                          .is_paused = count(5) == 1};
        for (const redis::Reply& oldest : row.subspan(counts)) {
            if (const auto since = ready_since(oldest.text(), queue.name)) {
                queue.oldest = std::min(queue.oldest.value_or(*since), *since);
            }
        }
        all.push_back(std::move(queue));
    }
    std::ranges::sort(all, {}, &QueueStatus::name);
    co_return all;
}

Async<std::vector<Status>> RedisBroker::dead(DeadFilter filter) {
    co_return read_all_told(co_await run(
        scripts::dead(), Words{std::move(filter.queue), std::move(filter.name), integer_text(filter.most)}));
}

Async<std::uint64_t> RedisBroker::retry_dead(std::vector<std::string> ids) {
    Words words{now()};
    for (std::string& id : ids) {
        const auto envelope = co_await ask(redis::Command("HGET", concat({"brio:task:", id}), "envelope"));
        if (!read_celery(envelope.text(), "")) {
            continue;  // not dead, or refused: it would be so again
        }
        const std::string tag = Uuid::v7(clocks_.wall(), thread_random()).text();
        words.push_back(std::move(id));
        words.push_back(celery_again(envelope.text(), {.delivery_tag = tag}));
    }
    const auto reply = co_await run(scripts::retry_dead(), std::move(words));
    co_return static_cast<std::uint64_t>(reply.integer().value_or(0));
}

Async<std::uint64_t> RedisBroker::drop_dead(std::vector<std::string> ids) {
    const auto reply = co_await run(scripts::drop_dead(), std::move(ids));
    co_return static_cast<std::uint64_t>(reply.integer().value_or(0));
}

Async<std::vector<Status>> RedisBroker::trim_dead(std::string queue, std::size_t kept, std::size_t most) {
    co_return read_all_told(
        co_await run(scripts::trim_dead(), Words{std::move(queue), integer_text(kept), integer_text(most)}));
}

Async<void> RedisBroker::pause(std::string queue, bool paused) {
    co_await ask(redis::Command(paused ? "SADD" : "SREM", "brio:paused", queue));
}

Async<std::uint64_t> RedisBroker::purge(std::string queue) {
    std::uint64_t count = 0;
    for (;;) {
        const auto reply = co_await run(scripts::purge(), Words{queue, integer_text(purged_at_once)});
        const auto parts = reply.elements();
        if (parts.size() != 2) {
            co_return count;
        }
        const auto scheduled = static_cast<std::uint64_t>(parts[0].integer().value_or(0));
        const auto envelopes = parts[1].elements();
        Words ids;
        for (const redis::Reply& each : envelopes) {
            const auto message = read_celery(each.text(), queue);
            ids.push_back(message ? message->id : message.error().id);
        }
        // Those that were revoked wait no more, though their envelopes were still there.
        const auto revoked = co_await run(scripts::forget(), std::move(ids));
        count += scheduled + envelopes.size() - static_cast<std::uint64_t>(revoked.integer().value_or(0));
        if (scheduled < purged_at_once && envelopes.size() < purged_at_once) {
            co_return count;
        }
    }
}

Async<std::vector<Status>> RedisBroker::list(std::optional<State> state, std::size_t most) {
    std::string wanted(state ? name_of(*state) : "");
    auto all =
        read_all_told(co_await run(scripts::list(), Words{std::move(wanted), now(), integer_text(most)}));
    if (state) {
        std::erase_if(all, [&](const Status& each) { return each.state != *state; });
    }
    std::vector<std::size_t> order(all.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, [&](std::size_t one, std::size_t other) {
        return all[one].pushed_at != all[other].pushed_at ? all[one].pushed_at > all[other].pushed_at
                                                          : one < other;
    });
    std::vector<Status> last;
    for (const std::size_t each : order | std::views::take(most)) {
        last.push_back(std::move(all[each]));
    }
    co_return last;
}

Async<std::uint64_t> RedisBroker::sweep(std::size_t most) {
    const auto reply = co_await run(scripts::sweep(), Words{now(), integer_text(most)});
    co_return static_cast<std::uint64_t>(reply.integer().value_or(0));
}

Async<bool> RedisBroker::lead(std::string name, std::string holder, std::chrono::milliseconds lasts) {
    const auto reply =
        co_await ask(redis::Command("HMGET", concat({"brio:lead:", name}), "holder", "renewals", "lasts"));
    const auto fields = reply.elements();
    constexpr std::size_t count = 3;
    if (fields.size() != count) {
        co_return false;
    }
    const auto renewals = fields[1].integer().value_or(0);
    {
        const std::scoped_lock lock(mutex_);
        const auto still = leaders_.of(name, static_cast<std::uint64_t>(renewals), clocks_.monotonic());
        const std::chrono::milliseconds led(fields[2].integer().value_or(0));
        if (!fields[0].is_nil() && fields[0].text() != holder && still < led) {
            co_return false;
        }
    }
    const auto taken = co_await run(
        scripts::lead(),
        Words{std::move(name), std::move(holder), integer_text(lasts.count()), integer_text(renewals)});
    co_return taken.integer() == 1;
}

Async<std::optional<std::string>> RedisBroker::exchange(std::string key, std::optional<std::string> from,
                                                        std::string to) {
    auto reply = co_await run(scripts::exchange(),
                              Words{std::move(key), from ? "1" : "0", from.value_or(""), std::move(to)});
    co_return reply.kind() == redis::Reply::Kind::text ? std::optional(reply.take_text()) : std::nullopt;
}

Async<Durability> RedisBroker::durability() {
    auto info = co_await ask(redis::Command("INFO"));
    // Who rents a Redis may often not ask for its settings.
    const auto setting = co_await client_.attempt(redis::Command("CONFIG", "GET", "appendfsync"));
    const auto pair = setting ? setting->elements() : std::span<const redis::Reply>();
    co_return durability_of(info.text(), pair.size() == 2 ? pair[1].text() : std::string_view());
}

Durability durability_of(std::string_view info, std::string_view appendfsync) {
    Durability durability;
    const auto add = [&](std::initializer_list<std::string_view> words) {
        durability.is_durable = false;
        durability.words += durability.words.empty() ? "" : "; ";
        durability.words += concat(words);
    };
    if (line_of(info, "aof_enabled") != "1") {
        add({"Redis loses tasks when it ends unasked: set appendonly yes"});
    } else if (appendfsync == "no") {
        add({"Redis leaves it to the system when tasks reach the disk: set appendfsync everysec or always"});
    }
    const std::string_view policy = line_of(info, "maxmemory_policy");
    if (!policy.empty() && policy != "noeviction" && line_of(info, "maxmemory") != "0") {
        add({"Redis may evict tasks when its memory is used up (", policy,
             "): set maxmemory-policy noeviction, and give caches a Redis of their own"});
    }
    return durability;
}

}  // namespace brio::tasks
