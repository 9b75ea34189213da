// Making one answer for the cache, from before the handler is called until it is kept or not. Internal to
// route_cache.
#pragma once
#include <optional>

#include <brio/base/clock.hpp>
#include <brio/cache/route_cache.hpp>
#include <brio/ledger/dependencies.hpp>

namespace brio::cache {

class Fill {
public:
    /// `lead`: others wait for it; `stamp`: what is made is shared with it, unless it is 0. `key` and the
    /// exchange outlive it.
    Fill(const RouteCache& route, http::Exchange& exchange, const Key& key, std::optional<Flights::Lead> lead,
         std::uint64_t stamp);
    Fill(const Fill&) = delete;
    Fill& operator=(const Fill&) = delete;
    /// Without an end (the work was stopped) the lead goes to the next who waits.
    ~Fill();

    /// The handler's answer stands in the exchange.
    void rendered();
    /// It threw this one, which is being handled: what says that there is nothing is kept like an answer.
    void threw(const http::Problem& problem);
    /// It threw something else, which is being handled.
    void failed();

private:
    /// "kept", or why not.
    std::string_view keep(std::shared_ptr<AnswerItem> item, const Lifetime& lifetime);
    void keep_passing();
    std::shared_ptr<AnswerItem> new_item() const;
    void ended(std::string_view outcome, RouteCache::Shared item);
    std::uint64_t took() const noexcept { return ticks_to_ns(ticks() - begun_); }

    const RouteCache& route_;
    http::Exchange& exchange_;
    const Key& key_;
    std::optional<Flights::Lead> lead_;
    const std::uint64_t stamp_;
    ledger::Dependencies read_;
    ledger::Dependencies* const outer_;
    const std::uint64_t epoch_;
    const Ticks begun_;
};

}  // namespace brio::cache
