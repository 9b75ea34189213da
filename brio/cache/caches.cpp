#include <brio/cache/caches.hpp>

#include <algorithm>

#include <brio/base/clock.hpp>
#include <brio/cache/redis_store.hpp>
#include <brio/ledger/ledger.hpp>
#include <brio/runtime/loop.hpp>

namespace brio::cache {

Caches::Caches(CachesOptions options)
    : options_(options),
      own_registry_(options.registry != nullptr ? nullptr : new metrics::Registry()),
      subject_metrics_(options.registry != nullptr ? *options.registry : *own_registry_),
      memory_({.bytes = options.bytes, .largest_item = options.largest_item}),
      flights_(options.waiting),
      callbacks_(memory_store_metrics(subject_metrics_.registry, memory_)) {}

Caches::~Caches() = default;

void Caches::sweep() { memory_.sweep(monotonic_now()); }

Subject& Caches::subject(CacheType type, std::string_view name) {
    const std::scoped_lock lock(mutex_);
    const auto found = std::ranges::find_if(
        subjects_, [&](const Subject& each) { return each.type() == type && each.name() == name; });
    if (found != subjects_.end()) {
        return *found;
    }
    if (subjects_.size() >= most_subjects) {
        return subjects_.back();
    }
    return subjects_.emplace_back(*this, type, std::string(name), subject_metrics_);
}

void Caches::each_subject(const std::function<void(const Subject&)>& visit) const {
    const std::scoped_lock lock(mutex_);
    std::ranges::for_each(subjects_, visit);
}

Async<Flights::Landing> Caches::take_turn(KeyView key, const void* type) {
    constexpr int most_waits = 3;  // what is always out of date when it arrives is made for this one
    auto& work = co_await runtime::current_work;
    // What was begun before a write is not for those who came after it.
    const auto is_good = [&](const Flights::Shared& item) {
        return item != nullptr && item->type == type && item->binding.holds(work.loop->now());
    };
    for (int waits = 0; waits < most_waits; ++waits) {
        auto boarding = flights_.board(key);
        Flights::Landing landing{.lead = std::move(boarding.lead)};
        if (!landing.lead) {
            const auto before = ledger::enter(work.ledger, ledger::Phase::cache);
            landing = co_await flights_.wait(boarding);
            ledger::enter(work.ledger, before);
        }
        if (landing.lead) {  // another may have landed before this one began
            if (auto item = memory_.peek(key); is_good(item) && item->is_fresh(work.loop->now())) {
                landing.lead->land(item);
                co_return Flights::Landing{.item = std::move(item)};
            }
            co_return landing;
        }
        if (landing.item == nullptr || is_good(landing.item)) {
            co_return landing;
        }
    }
    co_return Flights::Landing{};
}

bool Caches::keep(std::shared_ptr<const Item> item, const KeyHash& hash, Begun begun) {
    if (epoch_.load() != begun.epoch) {
        return false;
    }
    const KeyView key(item->key, hash);
    const Item* const kept = item.get();
    if (!memory_.put(item, hash, begun.now)) {
        return false;
    }
    if (epoch_.load() != begun.epoch) {  // dropped by hand while it came in
        memory_.drop(key, Removal::dropped, kept);
        return false;
    }
    return true;
}

std::uint64_t Caches::clear_here(const Clearing& clearing) {
    epoch_.fetch_add(1);
    const std::string_view name = clearing.name;
    switch (clearing.what) {
        case Clearing::What::all: break;
        case Clearing::What::key: return memory_.drop(KeyView(name)) ? 1 : 0;
        case Clearing::What::label:
            return memory_.drop_if([name](const Item& item) { return item.label == name; });
        case Clearing::What::tag:
            return memory_.drop_if(
                [name](const Item& item) { return std::ranges::find(item.tags, name) != item.tags.end(); });
    }
    return memory_.clear();
}

// The shared ones first: what is taken from there meanwhile was begun before, and is not kept after.
std::uint64_t Caches::clear_everywhere(const Clearing& clearing) {
    if (remote_ != nullptr) {
        remote_->clear(clearing);
    }
    return clear_here(clearing);
}

std::uint64_t Caches::drop(const KeyView& key) {
    return clear_everywhere({.what = Clearing::What::key, .name = key.bytes});
}
std::uint64_t Caches::clear() { return clear_everywhere({.what = Clearing::What::all}); }
std::uint64_t Caches::clear_tag(std::string_view tag) {
    return clear_everywhere({.what = Clearing::What::tag, .name = tag});
}
std::uint64_t Caches::clear_subject(std::string_view name) {
    return clear_everywhere({.what = Clearing::What::label, .name = name});
}

void Caches::listen(runtime::Loop& loop) {
    remote_->listen(loop, {.cleared = [this](const Clearing& clearing) { clear_here(clearing); },
                           .in_use =
                               [this](const auto& visit) {
                                   memory_.each([&](const Item& item) {
                                       visit({.what = Clearing::What::label, .name = item.label});
                                       for (const std::string& tag : item.tags) {
                                           visit({.what = Clearing::What::tag, .name = tag});
                                       }
                                   });
                               }});
}

void Caches::each_limit(const std::function<void(runtime::Limit&)>& visit) {
    memory_.each_limit(visit);
    visit(flights_.waiting());
    visit(queries_.renewals().limit());
}

}  // namespace brio::cache
