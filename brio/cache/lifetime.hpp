// How long a kept item is given, and what to do with it now. Pure.
//
// An item is fresh for its time, give or take some, so that what was made together does not end together.
// After that it may be given while it is renewed (stale-while-revalidate, RFC 5861 §3), and for longer when
// it cannot be renewed (stale-if-error, §4). What a write has ended is not given any more, unless that is
// asked for, or the error is all there is else. Shortly before its end one of many readers renews it early,
// the sooner the longer making it takes ("Optimal Probabilistic Cache Stampede Prevention", Vattani et al.,
// VLDB 2015, with beta 1).
#pragma once
#include <chrono>

#include <brio/cache/item.hpp>

namespace brio::cache {

struct Lifetime {
    std::chrono::nanoseconds fresh{0};
    std::chrono::nanoseconds stale_while_revalidate{0};
    std::chrono::nanoseconds stale_if_error{0};
    bool stale_after_writes = false;  // stale_while_revalidate also from a write on
    double jitter = 0.1;              // of `fresh`, both ways
};

/// Sets made, fresh_until and stale_until. `until`: not fresh for longer than that. `chance` is random in
/// [0, 1).
void set_times(Item& item, const Lifetime& lifetime, std::chrono::nanoseconds now,
               std::chrono::nanoseconds until, double chance);

enum class Use {
    fresh,     // give it
    early,     // give it, and renew it now: it is about to end
    stale,     // give it, and renew it
    on_error,  // renew it; give it if that fails
    none,      // as good as absent
};

/// `holds`: what it was made from is unchanged. `chance` as above, asked for only near the end.
template <class Chance>
Use use_of(const Item& item, bool holds, const Lifetime& lifetime, std::chrono::nanoseconds now,
           Chance chance);

/// Whether a reader renews it before its end.
bool renews_early(const Item& item, std::chrono::nanoseconds now, double chance);

template <class Chance>
Use use_of(const Item& item, bool holds, const Lifetime& lifetime, std::chrono::nanoseconds now,
           Chance chance) {
    constexpr int far_away = 16;  // times what making it takes: the odds are less than one in a million
    if (holds && now < item.fresh_until) [[likely]] {
        const bool near = item.fresh_until - now < item.rebuild * far_away;
        return near && renews_early(item, now, chance()) ? Use::early : Use::fresh;
    }
    if (now < item.fresh_until + lifetime.stale_while_revalidate && (holds || lifetime.stale_after_writes) &&
        lifetime.stale_while_revalidate.count() > 0) {
        return Use::stale;
    }
    return now < item.fresh_until + lifetime.stale_if_error && lifetime.stale_if_error.count() > 0
               ? Use::on_error
               : Use::none;
}

}  // namespace brio::cache
