#include <brio/cache/cached.hpp>

#include <algorithm>

namespace brio::cache::detail {

const RouteCache& RouteCaches::of(Caches& caches, const http::Route& route, RouteCache::Settings settings,
                                  const CachedOptions& options) {
    const auto* last = last_.load(std::memory_order_acquire);
    if (last != nullptr && &last->caches() == &caches) [[likely]] {
        return *last;
    }
    const std::scoped_lock lock(mutex_);
    const auto found =
        std::ranges::find_if(all_, [&](const auto& each) { return &each->caches() == &caches; });
    const auto& used =
        found != all_.end()
            ? *found
            : all_.emplace_back(std::make_unique<RouteCache>(caches, route, settings, options));
    last_.store(used.get(), std::memory_order_release);
    return *used;
}

}  // namespace brio::cache::detail
