// The program's cache: one of it, shared by all threads. Handlers get a Cache of it (cache.hpp); routes are
// wrapped by cached() (cached.hpp).
//
// Items are kept in this process (memory_store.hpp), bounded by bytes. What they were made from is bound to
// the generations of tables, so a write to one of these ends them; tags end what else belongs together.
// Behind this process' items may be a Redis that all processes of the service share (redis_store.hpp). Loops
// that use it end before it; the database it caches outlives it.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>

#include <brio/cache/flight.hpp>
#include <brio/cache/memory_store.hpp>
#include <brio/cache/queries.hpp>
#include <brio/cache/subject.hpp>
#include <brio/metrics/registry.hpp>

namespace brio::runtime {
class Loop;
}

namespace brio::cache {

class RedisStore;
struct Clearing;

struct CachesOptions {
    std::uint64_t bytes = 64u << 20;        // kept in this process; 0: nothing
    std::uint64_t largest_item = 2u << 20;  // bytes
    std::uint64_t waiting = 10'000;         // units of work that wait for what another one makes
    metrics::Registry* registry = nullptr;  // none: counted where nobody looks
};

class Caches {
public:
    explicit Caches(CachesOptions options = {});
    Caches(const Caches&) = delete;
    Caches& operator=(const Caches&) = delete;
    ~Caches();

    const CachesOptions& options() const noexcept { return options_; }
    /// Whether anything is kept anywhere.
    bool is_on() const noexcept { return options_.bytes != 0 || remote_ != nullptr; }
    /// The second tier, which the service's processes share; none without one. It is given before anything is
    /// looked up, and outlives whoever looks.
    RedisStore* remote() const noexcept { return remote_; }
    void share_in(RedisStore& store) noexcept { remote_ = &store; }
    MemoryStore& memory() noexcept { return memory_; }
    Flights& flights() noexcept { return flights_; }
    /// For who has found nothing, on a loop: the right to make it, or the item of that type that another has
    /// made meanwhile, or why that failed; none of them: each makes its own. Waiting is charged to the phase
    /// `cache`. Throws what Flights::wait() throws.
    Async<Flights::Landing> take_turn(KeyView key, const void* type);
    metrics::Registry& registry() noexcept { return subject_metrics_.registry; }
    Queries& queries() noexcept { return queries_; }

    /// Hears on `loop` what other processes clear and drop.
    void listen(runtime::Loop& loop);

    /// The one of that name, made when it is new. At most `most_subjects`; those after them share the last
    /// one's counters. Cost: a lock and a look-up; keep it.
    Subject& subject(CacheType type, std::string_view name);
    static constexpr std::size_t most_subjects = 1000;
    void each_subject(const std::function<void(const Subject&)>& visit) const;

    /// Moves with everything that is dropped by hand. Whoever makes something takes it before, so that what
    /// was begun before is not kept after (an epoch fence).
    std::uint64_t epoch() const noexcept { return epoch_.load(std::memory_order_acquire); }
    /// Keeps what was begun at that epoch. False when something was dropped since, or it is too large.
    struct Begun {
        std::uint64_t epoch;
        std::chrono::nanoseconds now;  // the loop's time at its end
    };
    bool keep(std::shared_ptr<const Item> item, const KeyHash& hash, Begun begun);

    // Dropping by hand, in other processes too; each gives how many items of this process went.

    std::uint64_t drop(const KeyView& key);
    std::uint64_t clear();
    std::uint64_t clear_tag(std::string_view tag);
    std::uint64_t clear_subject(std::string_view name);

    /// Removes what has expired, some at a time: call it every second or so, from any thread.
    void sweep();
    void each_limit(const std::function<void(runtime::Limit&)>& visit);

private:
    std::uint64_t clear_here(const Clearing& clearing);
    std::uint64_t clear_everywhere(const Clearing& clearing);

    const CachesOptions options_;
    std::unique_ptr<metrics::Registry> own_registry_;
    SubjectMetrics subject_metrics_;
    std::atomic<std::uint64_t> epoch_{0};
    MemoryStore memory_;
    Flights flights_;
    std::vector<metrics::Callback> callbacks_;
    mutable std::mutex mutex_;
    std::deque<Subject> subjects_;  // guarded by mutex_; stay in place
    Queries queries_{*this};
    RedisStore* remote_ = nullptr;
};

}  // namespace brio::cache
