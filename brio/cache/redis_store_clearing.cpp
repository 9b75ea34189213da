#include <brio/cache/redis_store.hpp>

#include <algorithm>
#include <set>

#include <brio/base/log.hpp>
#include <brio/base/text.hpp>
#include <brio/cache/redis_clock.hpp>
#include <brio/redis/server_info.hpp>
#include <brio/runtime/within.hpp>

namespace brio::cache {
namespace {

using redis::Command;

constexpr std::size_t names_a_command = 256;
constexpr std::chrono::milliseconds patience{500};  // of what no request waits for
constexpr std::chrono::milliseconds retry_after{500};

}  // namespace

void RedisStore::clear(const Clearing& clearing) {
    std::string name = name_of(clearing);
    {
        const std::scoped_lock lock(pending_mutex_);
        if (std::ranges::find(pending_, name) != pending_.end()) {
            return;
        }
        if (pending_.size() >= most_pending) {
            pending_.clear();
            name = name_of({.what = Clearing::What::all});
        }
        pending_.push_back(std::move(name));
        count_pending();
    }
    if (work_.loop != nullptr && !news_.is_under_way.exchange(true)) {
        work_.loop->post(news_);
    }
}

std::size_t RedisStore::pending() const { return pending_count_.load(std::memory_order_acquire); }

bool RedisStore::is_pending(const std::string& name) const {
    const std::scoped_lock lock(pending_mutex_);
    return name == publishing_ || std::ranges::find(pending_, name) != pending_.end();
}

/// With pending_mutex_ held.
void RedisStore::count_pending() noexcept {
    pending_count_.store(pending_.size() + (publishing_.empty() ? 0 : 1), std::memory_order_release);
}

void RedisStore::News::arrive() {
    is_under_way.store(false);
    store.waits_for_news_.notify_all();
}

Async<bool> RedisStore::publish_clearing(std::string name) {
    const std::uint64_t epoch = tag_stamps_.epoch();
    const bool may_note = is_listening();
    const Clearing clearing = clearing_of(name);
    const bool is_key = clearing.what == Clearing::What::key;
    std::vector<std::string> keys{readings_};
    if (is_key) {
        keys.push_back(redis_key(hash_of_key(clearing.name)));
    }
    const auto outcome = co_await client_.run(
        clear_script(), std::move(keys),
        {is_key ? std::string(any_key) : name, integer_text(options_.most_cleared), channel_, sender_, name},
        {.timeout = patience});
    const Stamp cleared = outcome ? stamp_of(*outcome) : 0;
    if (cleared == 0) {
        co_return false;
    }
    if (is_key || may_note) {
        note(name, cleared, epoch);
    }
    co_return true;
}

void RedisStore::note(std::string_view name, Stamp cleared, std::uint64_t epoch) {
    const Stamp settled = clock_.settle(cleared);
    const Clearing clearing = clearing_of(name);
    if (clearing.what == Clearing::What::key) {
        drop_stamps_.note(clearing.name, settled);
    } else {
        tag_stamps_.note(name, settled, epoch);
    }
}

// -- listening --

void RedisStore::listen(runtime::Loop& loop, Events events) {
    expect(subscription_ == nullptr, "a store listens once");
    events_ = std::move(events);
    work_.loop = &loop;
    work_.name = "redis cache";
    subscription_ = client_.subscribe(loop, channel_,
                                      {.message = [this](std::string_view payload) { take_message(payload); },
                                       .listening =
                                           [this] {
                                               lose();
                                               keeping_up_ = keep_up(*this);
                                               keeping_up_.start(work_, [](void*) {}, nullptr);
                                           },
                                       .lost = [this] { lose(); }});
}

void RedisStore::lose() {
    keeping_up_.reset();
    is_listening_.store(false, std::memory_order_release);
    tag_stamps_.begin_epoch();
}

// `SENDER c STAMP NAME`. What is something else was sent by somebody else.
void RedisStore::take_message(std::string_view payload) {
    const std::size_t sender_size = sender_.size();
    if (payload.size() < sender_size + 3) {
        return;
    }
    const bool is_own = payload.starts_with(sender_);
    const char kind = payload[sender_size + 1];
    payload.remove_prefix(sender_size + 3);
    const auto space = payload.find(' ');
    if (kind != 'c' || space == std::string_view::npos || space + 1 == payload.size()) {
        return;
    }
    const Stamp stamp = stamp_of(redis::Reply(redis::Reply::Kind::text, payload.substr(0, space)));
    const std::string_view name = payload.substr(space + 1);
    note(name, stamp, tag_stamps_.epoch());
    if (is_listening_.load(std::memory_order_relaxed)) {
        heard_ = std::max(heard_, stamp);
    }
    if (!is_own) {
        events_.cleared(clearing_of(name));
    }
}

Async<void> RedisStore::keep_up(RedisStore& self) {
    while (!co_await self.catch_up()) {
        co_await runtime::sleep_for(retry_after);
    }
    self.is_listening_.store(true, std::memory_order_release);
    for (;;) {
        co_await self.publish_pending();
        co_await runtime::within(retry_after, self.news());
    }
}

Async<bool> RedisStore::news() {
    co_await waits_for_news_.wait();
    co_return true;
}

Async<bool> RedisStore::catch_up() {
    if (!was_judged_) {
        const auto info = co_await redis::ask_info(client_, {.timeout = patience});
        was_judged_ = info.has_value();
        if (const auto trouble = info ? redis::trouble_as_cache(*info) : ""; !trouble.empty()) {
            log_warning("the cache's Redis does not suit a cache",
                        {{"address", client_.address().text()}, {"because", trouble}});
        }
    }
    // In this order: what is cleared after the reading was taken is heard, or seen when it is read.
    const Stamp now = co_await begin();
    if (now == 0 || !co_await read_cleared_in_use()) {
        co_return false;
    }
    heard_ = now;
    co_return true;
}

// What is cleared again while it is being told is told again: something may have been made in between.
Async<void> RedisStore::publish_pending() {
    for (;;) {
        std::string name;
        {
            const std::scoped_lock lock(pending_mutex_);
            if (publishing_.empty() && !pending_.empty()) {
                publishing_ = std::move(pending_.front());
                pending_.erase(pending_.begin());
            }
            name = publishing_;
        }
        if (name.empty()) {
            co_return;
        }
        if (!co_await publish_clearing(name)) {
            co_return;
        }
        const std::scoped_lock lock(pending_mutex_);
        publishing_.clear();
        count_pending();
    }
}

/// Ends what was cleared while nothing was heard: of keys, it is known only that there were some. False when
/// Redis does not say.
Async<bool> RedisStore::read_cleared_in_use() {
    std::set<std::string> all{name_of({.what = Clearing::What::all}), std::string(any_key)};
    events_.in_use([&](const Clearing& used) { all.insert(name_of(used)); });
    const std::vector<std::string> names(all.begin(), all.end());
    for (std::size_t from = 0; from < names.size(); from += names_a_command) {
        const std::size_t count = std::min(names_a_command, names.size() - from);
        const std::span<const std::string> some(names.data() + from, count);
        const std::uint64_t epoch = tag_stamps_.epoch();
        const auto outcome = co_await client_.attempt(ask_readings(some), {.timeout = patience});
        if (!outcome || outcome->elements().size() != count + 1 || outcome->elements()[0].is_nil()) {
            co_return false;
        }
        const Stamp began = stamp_of(outcome->elements()[0]);
        if (const Stamp before = std::exchange(began_, began); before != 0 && before != began) {
            events_.cleared({.what = Clearing::What::all, .name = {}});
        }
        for (std::size_t i = 0; i < count; ++i) {
            const Stamp cleared = stamp_of(outcome->elements()[i + 1]);
            tag_stamps_.note(some[i], std::max(began, cleared), epoch);
            if (cleared > heard_) {
                events_.cleared(clearing_of(some[i]));
            }
        }
    }
    co_return true;
}

}  // namespace brio::cache
