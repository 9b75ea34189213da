#include <brio/cache/lifetime.hpp>

#include <algorithm>
#include <cmath>

namespace brio::cache {

namespace {
std::chrono::nanoseconds scaled(std::chrono::nanoseconds time, double by) {
    return std::chrono::nanoseconds(static_cast<std::int64_t>(static_cast<double>(time.count()) * by));
}
}  // namespace

void set_times(Item& item, const Lifetime& lifetime, std::chrono::nanoseconds now,
               std::chrono::nanoseconds until, double chance) {
    item.made = now;
    const auto fresh = scaled(lifetime.fresh, 1 + lifetime.jitter * (2 * chance - 1));
    item.fresh_until = std::min(now + fresh, std::max(now, until));
    item.stale_until = item.fresh_until + std::max(lifetime.stale_while_revalidate, lifetime.stale_if_error);
}

bool renews_early(const Item& item, std::chrono::nanoseconds now, double chance) {
    return now + scaled(item.rebuild, -std::log(std::max(chance, 1e-12))) >= item.fresh_until;
}

}  // namespace brio::cache
