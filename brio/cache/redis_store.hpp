// The cache's second tier: values in a Redis that all processes of the service share.
//
// Whatever goes wrong (Redis is down or late, refuses, holds something that is none of ours) is a miss,
// counted by its cause and never thrown. A value is given only while it is as good as one that this process
// would have made itself: stamps.hpp says how that is known. Values are whole envelopes (envelope.hpp), never
// compressed here.
//
// Keys in Redis: `brio:PROGRAM:1:HASH` for values, `brio:PROGRAM:readings` for the clock and when what was
// cleared (redis_clock.hpp); the channel `brio:PROGRAM:cleared` tells the other processes.
#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include <brio/cache/binding.hpp>
#include <brio/cache/envelope.hpp>
#include <brio/cache/key.hpp>
#include <brio/cache/redis_store_metrics.hpp>
#include <brio/cache/stamps.hpp>
#include <brio/redis/client.hpp>
#include <brio/sql/generations.hpp>

namespace brio::cache {

/// What was cleared, or is in use and could have been.
struct Clearing {
    enum class What : std::uint8_t { all, label, tag, key } what;
    std::string_view name;  // a label, a tag, a whole canonical key
};

struct RedisStoreOptions {
    std::string program;  // its processes share what they keep
    /// Of what it answers from: its version, and which database. Answers are shared within one edition.
    std::uint64_t edition = 0;
    std::uint64_t largest_value = 1024 * 1024;  // bytes of an envelope; larger ones are not sent
    std::size_t most_tags = 4096;  // and as many keys, of which this process remembers when they were cleared
    std::size_t most_cleared = 65'536;  // names of which Redis remembers it; beyond them, all were cleared
    std::chrono::milliseconds longest = std::chrono::hours(24);  // that anything is kept
    metrics::Registry* registry = nullptr;
};

class RedisStore {
public:
    struct Wanted {
        KeyView key;  // lives until the answer
        std::uint64_t type = 0;
        std::string_view label;
    };
    struct Found {
        std::string bytes;  // which the envelope's views are of
        Envelope envelope;
        Binding binding;                    // to this process' generations
        std::chrono::nanoseconds age{0};    // since it was made
        std::chrono::nanoseconds fresh{0};  // that is left of it; less than 0 where it is stale
    };
    struct Answer {
        std::optional<Found> found;
        bool has_answered = false;  // Redis: else what is made now is not for it, and begin() is spared
    };

    /// `client` and `generations` outlive it.
    RedisStore(redis::Client& client, sql::Generations& generations, RedisStoreOptions options);
    RedisStore(const RedisStore&) = delete;
    RedisStore& operator=(const RedisStore&) = delete;
    /// As listen()'s loop wants it.
    ~RedisStore();

    /// Throws Cancelled only. Charged to the ledger's phase `cache`. Cost: one round trip; one more for a
    /// label or a tag that was not asked for before.
    Async<Answer> get(Wanted wanted);
    /// Before anything is made that put() is to keep: its stamp, 0 without one. Throws Cancelled only. Cost:
    /// one round trip, in the phase `cache`.
    Async<Stamp> begin();
    /// Sends the value without waiting. `envelope.tables` comes from `binding`; `envelope.stamp` from
    /// begin(). False when it is not for Redis: too large, bound to another database, or nothing is sent now.
    bool put(runtime::Loop& loop, const KeyView& key, Envelope envelope, const Binding& binding);
    std::uint64_t edition() const noexcept { return options_.edition; }
    /// False while nothing would come of get() and put().
    bool is_usable(runtime::Loop& loop) { return client_.is_usable(loop); }

    /// Ends everything with this tag, of this label, all, or one key's value, in Redis and in all processes
    /// but what this one keeps itself: also what was begun before and comes to Redis after. Any thread; the
    /// others are told soon, and as soon as Redis is back where it is not there. What comes of Redis here
    /// heeds it from now on.
    void clear(const Clearing& clearing);
    /// Clearings that the others are not told of yet.
    std::size_t pending() const;
    static constexpr std::size_t most_pending = 256;  // beyond them, all is cleared

    /// Hears on `loop` what other processes clear. `cleared` is called for each of them, also after a time
    /// when messages may have been missed, for whatever of `in_use` was cleared meanwhile. Both on the loop's
    /// thread. Once; the store is destroyed on that thread or after the loop has stopped.
    struct Events {
        std::function<void(const Clearing&)> cleared;
        /// Calls its argument for each tag and label of what this process keeps.
        std::function<void(const std::function<void(const Clearing&)>&)> in_use;
    };
    void listen(runtime::Loop& loop, Events events);
    bool is_listening() const noexcept { return is_listening_.load(std::memory_order_acquire); }

private:
    using Slot = sql::Generations::Slot;
    std::string redis_key(const KeyHash& hash) const;
    static void append_name(std::string& to, const Clearing& clearing);
    static std::string name_of(const Clearing& clearing);
    static Clearing clearing_of(std::string_view name) noexcept;
    static constexpr std::string_view any_key = "=";

    Answer missed(RedisLookup result, bool has_answered);
    bool is_pending(const std::string& name) const;
    void count_pending() noexcept;
    bool is_cleared(const Envelope& envelope, const Wanted& wanted, std::vector<std::string>& unknown);
    redis::Command ask_readings(std::span<const std::string> names) const;
    Async<std::optional<bool>> ask_cleared(Stamp stamp, std::vector<std::string> asked);
    RedisLookup judge(const Envelope& envelope, std::vector<Binding::Entry>& entries);
    void undecodable(runtime::Loop& loop, const std::string& key, std::string_view reason);
    const std::string* learn(std::string_view table, Slot slot);

    void take_message(std::string_view payload);
    void lose();
    static Async<void> keep_up(RedisStore& self);
    Async<bool> catch_up();
    Async<void> publish_pending();
    Async<bool> read_cleared_in_use();
    Async<bool> publish_clearing(std::string name);
    void note(std::string_view name, Stamp cleared, std::uint64_t epoch);
    Async<bool> news();

    redis::Client& client_;
    sql::Generations& generations_;
    const RedisStoreOptions options_;
    const std::string prefix_;
    const std::string readings_;
    const std::string channel_;
    const std::string sender_;  // this process among those of the channel
    std::optional<RedisStoreMetrics> metrics_;
    StampClock clock_;
    TableStamps table_stamps_;
    TagStamps tag_stamps_;
    DropStamps drop_stamps_;
    std::shared_mutex tables_mutex_;
    std::map<std::string, Slot, std::less<>> tables_;  // guarded by tables_mutex_; those read from here
    mutable std::mutex pending_mutex_;
    std::vector<std::string> pending_;  // guarded by pending_mutex_: clearings that Redis is to be told
    std::string publishing_;            // guarded by pending_mutex_: the one that it is being told
    std::atomic<std::size_t> pending_count_{0};
    struct News : runtime::Posted {
        explicit News(RedisStore& its_store)
            : Posted([](Posted& posted) { static_cast<News&>(posted).arrive(); }),
              store(its_store) {}
        void arrive();
        RedisStore& store;
        std::atomic<bool> is_under_way{false};
    };
    News news_{*this};
    runtime::WaitList waits_for_news_;
    std::atomic<bool> is_listening_{false};
    // Of the listening loop:
    Events events_;
    Stamp heard_ = 0;  // clearings up to this reading are known here
    Stamp began_ = 0;  // the readings in Redis, when they were last looked at
    bool was_judged_ = false;
    runtime::Work work_;
    Async<void> keeping_up_;
    std::unique_ptr<redis::Subscription> subscription_;
};

}  // namespace brio::cache
