#include <brio/cache/memory_shard.hpp>
#include <brio/cache/memory_store.hpp>

#include "policy.hpp"

namespace brio::bench {

namespace {

class BrioStore final : public Policy {
public:
    explicit BrioStore(std::size_t capacity) : store_({.bytes = capacity * bytes_each, .secret = 1}) {}
    bool access(ObjectKey key) override {
        const auto text = cache::Key::of(key);
        if (store_.find(text, std::chrono::nanoseconds(1)) != nullptr) {
            return true;
        }
        auto item = std::make_shared<cache::Item>();
        item->key = text.bytes();
        item->bytes = bytes_each - cache::MemoryShard::overhead;
        item->fresh_until = item->stale_until = std::chrono::nanoseconds::max();
        store_.put(std::move(item), std::chrono::nanoseconds(1));
        return false;
    }

private:
    static constexpr std::uint64_t bytes_each = 1000;
    cache::MemoryStore store_;
};

}  // namespace

std::unique_ptr<Policy> make_brio(std::size_t capacity) { return std::make_unique<BrioStore>(capacity); }

}  // namespace brio::bench
