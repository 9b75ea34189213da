#include <brio/cache/memory_store.hpp>

#include <algorithm>
#include <bit>

#include <brio/base/random.hpp>
#include <brio/cache/memory_shard.hpp>

namespace brio::cache {

namespace {

constexpr std::size_t some = 256;  // places that are looked at under one lock

std::size_t shard_count(const MemoryStoreOptions& options) {
    const std::size_t most = std::bit_floor(std::max<std::uint64_t>(options.bytes >> 20, 1));
    return std::min(std::bit_floor(std::max<std::size_t>(options.shards, 1)), most);
}

std::uint64_t a_secret() {
    std::uint64_t secret = 0;
    random_bytes(std::as_writable_bytes(std::span(&secret, 1)));
    return secret;
}

}  // namespace

std::string_view name_of(Removal reason) noexcept {
    constexpr std::array<std::string_view, removal_count> names{"size",        "expired",  "dropped",
                                                                "invalidated", "replaced", "refused"};
    return names[static_cast<std::size_t>(reason)];
}

MemoryStore::MemoryStore(MemoryStoreOptions options)
    : bytes_("cache_bytes", options.bytes),
      largest_("cache_item_bytes", options.largest_item),
      secret_((options.secret != 0 ? options.secret : a_secret()) | 1) {
    if (options.bytes == 0) {
        return;
    }
    const std::size_t count = shard_count(options);
    const std::uint64_t each = options.bytes / count;
    for (std::size_t i = 0; i < count; ++i) {
        shards_.push_back(std::make_unique<MemoryShard>(bytes_, each));
    }
    largest_.set_most(std::min(options.largest_item, each / 4));
}

MemoryStore::~MemoryStore() = default;

std::uint64_t MemoryStore::mixed(const KeyHash& hash) const noexcept {
    const auto product =
        static_cast<unsigned __int128>(hash.low ^ secret_) * (hash.high ^ std::rotl(secret_, 29));
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// The table's places are made of the lower half.
MemoryShard& MemoryStore::shard_of(std::uint64_t mix) const noexcept {
    return *shards_[(mix >> 40) & (shards_.size() - 1)];
}

MemoryStore::Shared MemoryStore::find(const KeyView& key, Time now) noexcept {
    if (shards_.empty()) {
        return nullptr;
    }
    const std::uint64_t mix = mixed(key.hash);
    return shard_of(mix).find(key, mix, now);
}

MemoryStore::Shared MemoryStore::peek(const KeyView& key) const noexcept {
    if (shards_.empty()) {
        return nullptr;
    }
    const std::uint64_t mix = mixed(key.hash);
    return shard_of(mix).peek(key, mix);
}

bool MemoryStore::put(Shared item, Time now) {
    const KeyHash hash = hash_of_key(item->key);
    return put(std::move(item), hash, now);
}

bool MemoryStore::put(Shared item, const KeyHash& hash, Time now) {
    if (shards_.empty()) {
        return false;
    }
    const std::uint64_t mix = mixed(hash);
    MemoryShard& shard = shard_of(mix);
    if (item->bytes + MemoryShard::overhead > largest_.most()) {
        largest_.count_refusal();
        shard.refuse(hash, mix);
        return false;
    }
    if (item->is_expired(now)) {
        shard.drop({item->key, hash}, mix, Removal::replaced, nullptr);
        return false;
    }
    shard.put(std::move(item), hash, mix, now);
    return true;
}

void MemoryStore::recount(const KeyView& key, const Item& item, std::uint64_t bytes) {
    if (!shards_.empty()) {
        const std::uint64_t mix = mixed(key.hash);
        shard_of(mix).recount(key, mix, item, bytes);
    }
}

bool MemoryStore::drop(const KeyView& key, Removal reason, const Item* only) {
    if (shards_.empty()) {
        return false;
    }
    const std::uint64_t mix = mixed(key.hash);
    return shard_of(mix).drop(key, mix, reason, only);
}

std::uint64_t MemoryStore::drop_if(const std::function<bool(const Item&)>& wanted, Removal reason) {
    std::uint64_t dropped = 0;
    each([&](const Item& item) {
        if (wanted(item)) {
            dropped += drop(KeyView(item.key), reason, &item) ? 1 : 0;
        }
    });
    return dropped;
}

void MemoryStore::each(const std::function<void(const Item&)>& visit) const {
    std::vector<Shared> items;
    for (const auto& shard : shards_) {
        std::size_t at = 0;
        for (bool more = true; more;) {
            items.clear();
            more = shard->next(at, some, items);
            for (const Shared& item : items) {
                visit(*item);
            }
        }
    }
}

std::uint64_t MemoryStore::clear() {
    std::uint64_t dropped = 0;
    for (const auto& shard : shards_) {
        dropped += shard->clear();
    }
    return dropped;
}

void MemoryStore::sweep(Time now, std::size_t most) {
    if (!shards_.empty()) {
        shards_[swept_.fetch_add(1, std::memory_order_relaxed) % shards_.size()]->sweep(now, most);
    }
}

MemoryStoreCounts MemoryStore::counts() const {
    MemoryStoreCounts counts;
    for (const auto& shard : shards_) {
        shard->add_counts(counts);
    }
    return counts;
}

void MemoryStore::each_limit(const std::function<void(runtime::Limit&)>& visit) {
    visit(bytes_);
    visit(largest_);
}

std::vector<metrics::Callback> memory_store_metrics(metrics::Registry& registry, const MemoryStore& store) {
    std::vector<metrics::Callback> all;
    all.push_back(registry.gauge_of({.name = "cache_items", .help = "Items in the in-process cache."}, {},
                                    [&store] { return static_cast<double>(store.counts().items); }));
    all.push_back(registry.gauge_of(
        {.name = "cache_bytes", .help = "Memory that the items of the in-process cache are counted with."},
        {}, [&store] { return static_cast<double>(store.counts().bytes); }));
    for (std::size_t i = 0; i < removal_count; ++i) {
        all.push_back(registry.counter_of({.name = "cache_removals_total",
                                           .help = "Items that left the in-process cache, or were too large.",
                                           .labels = {"cause"}},
                                          {name_of(static_cast<Removal>(i))}, [&store, i] {
                                              return static_cast<double>(store.counts().removed[i]);
                                          }));
    }
    return all;
}

}  // namespace brio::cache
