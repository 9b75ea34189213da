// The in-process store: finished items by key, bounded by bytes, any thread.
//
// What is asked for again stays, what was seen once goes first (memory_shard.hpp has the policy;
// docs/decisions/cache-eviction.md what it was chosen by). Divided into shards by the key's hash, each with
// one short lock; nothing is destroyed and nobody is called under it.
#pragma once
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <brio/cache/item.hpp>
#include <brio/cache/key.hpp>
#include <brio/metrics/registry.hpp>
#include <brio/runtime/limit.hpp>

namespace brio::cache {

class MemoryShard;

/// Why an item left, or was not taken.
enum class Removal : std::uint8_t {
    size,         // others were worth more
    expired,      // its time was over
    dropped,      // somebody asked for it
    invalidated,  // what it was made from has changed
    replaced,     // by a newer one under its key
    refused,      // larger than one item may be: it never came in
};
inline constexpr std::size_t removal_count = 6;
/// "size", "expired", …: a label of metrics.
std::string_view name_of(Removal reason) noexcept;

struct MemoryStoreOptions {
    std::uint64_t bytes = 64u << 20;        // all items with what keeping them costs; 0: nothing is kept
    std::uint64_t largest_item = 2u << 20;  // and never more than a quarter of a shard
    std::size_t shards = 8;                 // a power of two; fewer where one would have less than a MiB
    std::uint64_t secret = 0;               // places items in the table; 0: random
};

struct MemoryStoreCounts {
    std::uint64_t items = 0;
    std::uint64_t bytes = 0;
    std::array<std::uint64_t, removal_count> removed{};  // by Removal
};

class MemoryStore {
public:
    using Shared = std::shared_ptr<const Item>;
    using Time = std::chrono::nanoseconds;

    explicit MemoryStore(MemoryStoreOptions options = {});
    MemoryStore(const MemoryStore&) = delete;
    MemoryStore& operator=(const MemoryStore&) = delete;
    ~MemoryStore();

    /// What is there under exactly these bytes, fresh or stale, and counts the hit; an expired item is
    /// removed and not given. Cost: 45 ns, one thread, item in the processor's cache (memory_store_bench).
    Shared find(const KeyView& key, Time now) noexcept;
    /// The same without being counted: for those who look at the store, not at the item.
    Shared peek(const KeyView& key) const noexcept;
    /// Keeps it under its key in the place of what was there. False when it is larger than an item may be or
    /// has expired: then what was there is gone all the same.
    bool put(Shared item, Time now);
    bool put(Shared item, const KeyHash& hash, Time now);
    /// The item, if it is still the one kept, has grown or shrunk to so many bytes.
    void recount(const KeyView& key, const Item& item, std::uint64_t bytes);

    /// False when there was none. With `only`, nothing but that very item is removed.
    bool drop(const KeyView& key, Removal reason = Removal::dropped, const Item* only = nullptr);
    /// All that were there when it began and of which `wanted` holds; gives how many. `wanted` is called
    /// without a lock, for some hundred items at a time.
    std::uint64_t drop_if(const std::function<bool(const Item&)>& wanted, Removal reason = Removal::dropped);
    /// The same for looking: what comes or goes meanwhile is seen or not.
    void each(const std::function<void(const Item&)>& visit) const;
    std::uint64_t clear();
    /// Removes what has expired among the next `most` items: called again and again it comes by all. put()
    /// does the same for a few.
    void sweep(Time now, std::size_t most = 1000);

    MemoryStoreCounts counts() const;
    std::uint64_t most_bytes() const noexcept { return bytes_.most(); }
    std::size_t shards() const noexcept { return shards_.size(); }
    /// `cache_bytes` and `cache_item_bytes`.
    void each_limit(const std::function<void(runtime::Limit&)>& visit);

private:
    /// What nobody knows who chooses keys: the table's slots and the shard are taken from it.
    std::uint64_t mixed(const KeyHash& hash) const noexcept;
    MemoryShard& shard_of(std::uint64_t mix) const noexcept;

    runtime::Limit bytes_;
    runtime::Limit largest_;
    std::uint64_t secret_;
    std::vector<std::unique_ptr<MemoryShard>> shards_;
    std::atomic<std::size_t> swept_{0};
};

/// cache_items, cache_bytes and cache_removals_total{cause}, read at each scrape while they live.
std::vector<metrics::Callback> memory_store_metrics(metrics::Registry& registry, const MemoryStore& store);

}  // namespace brio::cache
