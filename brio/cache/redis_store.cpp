#include <brio/cache/redis_store.hpp>

#include <algorithm>
#include <utility>

#include <brio/base/random.hpp>
#include <brio/base/steady_wall.hpp>
#include <brio/base/text.hpp>
#include <brio/cache/redis_clock.hpp>
#include <brio/ledger/ledger.hpp>

namespace brio::cache {
namespace {

using redis::Cause;
using redis::Command;

std::string hex(std::uint64_t value) {
    std::string digits(16, '0');
    for (auto at = digits.rbegin(); at != digits.rend(); ++at, value >>= 4) {
        *at = "0123456789abcdef"[value & 15];
    }
    return digits;
}

RedisLookup lookup_of(const redis::Failure& failure) {
    switch (failure.cause) {
        case Cause::unavailable: return RedisLookup::unavailable;
        case Cause::timed_out: return RedisLookup::timed_out;
        case Cause::overloaded: return RedisLookup::overloaded;
        case Cause::error_reply: break;
    }
    return redis::is_server_down(failure.kind) ? RedisLookup::unavailable : RedisLookup::error;
}

}  // namespace

RedisStore::RedisStore(redis::Client& client, sql::Generations& generations, RedisStoreOptions options)
    : client_(client),
      generations_(generations),
      options_(std::move(options)),
      prefix_(concat({"brio:", options_.program, ":"})),
      readings_(prefix_ + "readings"),
      channel_(prefix_ + "cleared"),
      sender_(hex(Random::from_system()())),
      tag_stamps_(options_.most_tags),
      drop_stamps_(options_.most_tags) {
    if (options_.registry != nullptr) {
        metrics_.emplace(*options_.registry);
    }
}

// The frame that keeps up looks at everything else while it ends.
RedisStore::~RedisStore() { keeping_up_.reset(); }

std::string RedisStore::redis_key(const KeyHash& hash) const {
    std::string key;
    key.reserve(prefix_.size() + 34);
    key.append(prefix_).append("1:");
    hash.append_to(key);
    return key;
}

/// One space of names for all that can be cleared. A key without its bytes stands for any key.
void RedisStore::append_name(std::string& to, const Clearing& clearing) {
    switch (clearing.what) {
        case Clearing::What::tag: to += '#'; break;
        case Clearing::What::label: to += '@'; break;
        case Clearing::What::key: to += '='; break;
        case Clearing::What::all: to += '*'; return;
    }
    to += clearing.name;
}

std::string RedisStore::name_of(const Clearing& clearing) {
    std::string name;
    append_name(name, clearing);
    return name;
}

Clearing RedisStore::clearing_of(std::string_view name) noexcept {
    const auto what = name[0] == '#'                      ? Clearing::What::tag
                      : name[0] == '@'                    ? Clearing::What::label
                      : name[0] == '=' && name != any_key ? Clearing::What::key
                                                          : Clearing::What::all;
    return {.what = what, .name = name.substr(1)};
}

RedisStore::Answer RedisStore::missed(RedisLookup result, bool has_answered) {
    if (metrics_) {
        metrics_->looked_up(result);
    }
    return {.found = std::nullopt, .has_answered = has_answered};
}

void RedisStore::undecodable(runtime::Loop& loop, const std::string& key, std::string_view reason) {
    if (metrics_) {
        metrics_->undecodable(reason);
    }
    client_.send(loop, Command("UNLINK", key));
}

// -- values --

Async<RedisStore::Answer> RedisStore::get(Wanted wanted) {
    auto& work = co_await runtime::current_work;
    const ledger::PhaseScope phase(work.ledger, ledger::Phase::cache);
    const std::string key = redis_key(wanted.key.hash);
    auto outcome = co_await client_.attempt(Command("GET", key));
    if (!outcome) {
        if (outcome.error().kind != redis::ErrorKind::wrong_type) {
            co_return missed(lookup_of(outcome.error()), false);
        }
        undecodable(*work.loop, key, "wrong_type");
        co_return missed(RedisLookup::undecodable, true);
    }
    if (outcome->is_nil()) {
        co_return missed(RedisLookup::absent, true);
    }
    Found found{.bytes = outcome->take_text()};
    auto opened = open(found.bytes, {.type = wanted.type, .key = wanted.key.bytes});
    if (!opened) {
        undecodable(*work.loop, key, cache::name_of(opened.error()));
        co_return missed(RedisLookup::undecodable, true);
    }
    found.envelope = std::move(*opened);
    const Envelope& envelope = found.envelope;
    found.age =
        std::max(std::chrono::nanoseconds(steady_wall_now() - envelope.made), std::chrono::nanoseconds(0));
    found.envelope.fresh = std::min<std::chrono::nanoseconds>(envelope.fresh, options_.longest);
    found.envelope.stale = std::min<std::chrono::nanoseconds>(envelope.stale, options_.longest);
    found.fresh = envelope.fresh - found.age;
    std::vector<Binding::Entry> entries;
    auto result = found.fresh + envelope.stale <= std::chrono::nanoseconds(0) ? RedisLookup::expired
                                                                              : judge(envelope, entries);
    std::vector<std::string> unknown;
    const bool is_dropped =
        pending() != 0 && is_pending(name_of({.what = Clearing::What::key, .name = wanted.key.bytes}));
    if (result == RedisLookup::hit && (is_dropped || is_cleared(envelope, wanted, unknown))) {
        result = RedisLookup::cleared;
    } else if (result == RedisLookup::hit && !unknown.empty()) {
        const auto cleared = co_await ask_cleared(envelope.stamp, std::move(unknown));
        if (!cleared) {
            co_return missed(RedisLookup::unavailable, false);
        }
        result = *cleared ? RedisLookup::cleared : RedisLookup::hit;
    }
    if (result != RedisLookup::hit) {
        co_return missed(result, true);
    }
    clock_.saw(envelope.stamp);
    found.binding = Binding(std::move(entries));
    auto answer = missed(RedisLookup::hit, true);  // counts it
    answer.found = std::move(found);
    co_return answer;
}

/// Whether its tables let it be given, as far as they are known; they are bound as they are now.
RedisLookup RedisStore::judge(const Envelope& envelope, std::vector<Binding::Entry>& entries) {
    if (!generations_.is_current(monotonic_now())) {
        return RedisLookup::unsettled;
    }
    entries.reserve(envelope.tables.size());
    const std::shared_lock lock(tables_mutex_);
    for (const std::string_view table : envelope.tables) {
        const auto known = tables_.find(table);
        if (known == tables_.end()) {
            return RedisLookup::unknown;
        }
        const auto generation = generations_.read(known->second);
        if (!generation.settled) {
            return RedisLookup::unsettled;
        }
        const auto since = table_stamps_.since(known->second, generation.number);
        if (!since || envelope.stamp < *since) {
            return RedisLookup::outdated;
        }
        entries.push_back({.source = &generations_,
                           .name = known->first,
                           .item = known->second,
                           .number = generation.number});
    }
    return RedisLookup::hit;
}

// The reading is taken after the tables were looked at, so it is noted for all of them that have moved since
// the last one.
Async<Stamp> RedisStore::begin() {
    auto& work = co_await runtime::current_work;
    const ledger::PhaseScope phase(work.ledger, ledger::Phase::cache);
    std::vector<std::pair<Slot, std::uint64_t>> moved;
    for (Slot slot = 0; slot < sql::Generations::most_tables; ++slot) {
        const auto generation = generations_.read(slot);
        if (generation.settled && !table_stamps_.since(slot, generation.number)) {
            moved.emplace_back(slot, generation.number);
        }
    }
    const auto outcome = co_await client_.run(clock_script(), {readings_}, {});
    const Stamp taken = outcome ? stamp_of(*outcome) : 0;
    if (taken != 0) {
        const Stamp noted = clock_.settle(taken);
        for (const auto& [slot, number] : moved) {
            table_stamps_.note(slot, number, noted);
        }
    }
    co_return taken;
}

/// Whether it was, as far as is known here; the names of which nothing is known are to be asked for.
bool RedisStore::is_cleared(const Envelope& envelope, const Wanted& wanted,
                            std::vector<std::string>& unknown) {
    if (drop_stamps_.ends(wanted.key.bytes, envelope.stamp)) {
        return true;
    }
    const bool any_pending = pending() != 0;
    thread_local std::string name;  // keeps its room
    const auto ends = [&](const Clearing& clearing) {
        name.clear();
        append_name(name, clearing);
        if (any_pending && is_pending(name)) {
            return true;
        }
        const auto cleared = tag_stamps_.cleared(name);
        if (!cleared) {
            unknown.push_back(name);
        }
        return cleared && envelope.stamp < *cleared;
    };
    return ends({.what = Clearing::What::all, .name = {}}) ||
           ends({.what = Clearing::What::label, .name = wanted.label}) ||
           ends({.what = Clearing::What::key, .name = {}}) ||  // that was dropped while nothing was heard
           std::ranges::any_of(envelope.tags, [&](std::string_view tag) {
               return ends({.what = Clearing::What::tag, .name = tag});
           });
}

/// When they were begun, and when each was cleared.
Command RedisStore::ask_readings(std::span<const std::string> names) const {
    Command command("HMGET", readings_, "from");
    for (const std::string& name : names) {
        command.add(name);
    }
    return command;
}

/// Nothing when Redis does not say.
Async<std::optional<bool>> RedisStore::ask_cleared(Stamp stamp, std::vector<std::string> asked) {
    const bool may_note = is_listening();
    const std::uint64_t epoch = tag_stamps_.epoch();
    const auto outcome = co_await client_.attempt(ask_readings(asked));
    if (!outcome || outcome->elements().size() != asked.size() + 1) {
        co_return std::nullopt;
    }
    const Stamp from = stamp_of(outcome->elements()[0]);
    if (from == 0) {
        co_return true;  // lost: what is begun from here on is none the older
    }
    bool any = false;
    for (std::size_t i = 0; i < asked.size(); ++i) {
        const Stamp cleared = std::max(from, stamp_of(outcome->elements()[i + 1]));
        any = any || stamp < cleared;
        if (may_note) {
            tag_stamps_.note(asked[i], cleared, epoch);
        }
    }
    co_return any;
}

bool RedisStore::put(runtime::Loop& loop, const KeyView& key, Envelope envelope, const Binding& binding) {
    const auto refused = [this](RedisPut outcome) {
        if (metrics_) {
            metrics_->put(outcome);
        }
        return false;
    };
    envelope.key = key.bytes;
    const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(envelope.fresh + envelope.stale);
    if (envelope.stamp == 0 || time.count() <= 0) {
        return refused(RedisPut::unstamped);
    }
    if (envelope.payload.size() > options_.largest_value || envelope.tags.size() > most_envelope_tags) {
        return refused(RedisPut::too_large);
    }
    if (!client_.is_usable(loop)) {
        return refused(RedisPut::unavailable);
    }
    envelope.tables.clear();
    for (const Binding::Entry& entry : binding.entries()) {
        if (entry.source != &generations_ || envelope.tables.size() == most_envelope_tables) {
            return refused(RedisPut::foreign);
        }
        envelope.tables.push_back(*learn(entry.name, static_cast<Slot>(entry.item)));
    }
    const std::string bytes = seal(envelope);
    if (bytes.size() > options_.largest_value) {
        return refused(RedisPut::too_large);
    }
    if (!client_.send(loop, Command("SET", redis_key(key.hash), bytes, "PX",
                                    std::min(time, options_.longest).count()))) {
        return refused(RedisPut::unavailable);
    }
    refused(RedisPut::sent);  // counts it
    return true;
}

/// From here on values that name the table may be given; the name lives as long as this.
const std::string* RedisStore::learn(std::string_view table, Slot slot) {
    {
        const std::shared_lock lock(tables_mutex_);
        if (const auto known = tables_.find(table); known != tables_.end()) {
            return &known->first;
        }
    }
    const std::scoped_lock lock(tables_mutex_);
    return &tables_.emplace(table, slot).first->first;
}

}  // namespace brio::cache
