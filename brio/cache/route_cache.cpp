#include <brio/cache/route_cache.hpp>

#include <algorithm>

#include <brio/base/log.hpp>
#include <brio/base/random.hpp>
#include <brio/base/text.hpp>
#include <brio/cache/fill.hpp>
#include <brio/cache/own_writes.hpp>
#include <brio/cache/shared_answers.hpp>
#include <brio/http/admission.hpp>
#include <brio/http/background.hpp>
#include <brio/runtime/loop.hpp>

namespace brio::cache {

namespace {

// Between two tries of what has failed, while there is something stale to give.
constexpr std::chrono::seconds retry_after{1};
constexpr std::chrono::seconds warn_every{10};

std::atomic<std::uint64_t> next_number{0};

}  // namespace

RouteCache::RouteCache(Caches& caches, const http::Route& route, Settings settings,
                       const CachedOptions& options)
    : caches_(caches),
      number_(next_number.fetch_add(1) + 1),
      settings_(settings),
      options_(options),
      name_(concat({"GET ", route.pattern})),
      subject_(caches.subject(CacheType::response, name_)),
      lifetime_{.fresh = settings.ttl,
                .stale_while_revalidate = options.stale_while_revalidate,
                .stale_if_error = options.stale_if_error,
                .stale_after_writes = options.stale_after_writes,
                .jitter = options.jitter},
      negative_(lifetime_) {
    negative_.fresh = std::min(options.negative, settings.ttl);
}

void RouteCache::begin_key(KeyWriter& key, const http::Exchange& exchange) const {
    key.add(name_);
    const auto field = [&](std::string_view name) {
        key.hidden(exchange.head.find(name));  // it may be a credential
    };
    if (settings_.by_cookie_and_authorization) {
        field("Authorization");
        field("Cookie");
    }
    std::ranges::for_each(options_.vary_by_headers, field);
}

bool RouteCache::is_bypassed(const http::Exchange& exchange) const noexcept {
    if (!caches_.is_on()) {
        return true;
    }
    const auto cookies = exchange.head.find(http::Known::cookie);
    return cookies && has_own_writes(*cookies);
}

RouteCache::Found RouteCache::find(const KeyView& key, Time now) const {
    auto found = caches_.memory().find(key, now);
    if (found == nullptr || (found->type != nullptr && found->type != &AnswerItem::tag)) {
        return {};
    }
    auto item = std::static_pointer_cast<const AnswerItem>(std::move(found));
    const Use use =
        use_of(*item, item->binding.holds(now), lifetime_, now, [] { return thread_random().uniform(); });
    return {std::move(item), use};
}

void RouteCache::give(http::Exchange& exchange, const AnswerItem& item, Result result) const {
    give_answer(exchange, item, exchange.work.loop->now() - item.made);
    exchange.cache_result = word_of(result);
    subject_.count(result, &item);
}

void RouteCache::mark(http::Exchange& exchange, Result result) const {
    exchange.cache_result = word_of(result);
    subject_.count(result);
}

void RouteCache::say_who_may_keep(http::Response& response) const {
    if (!options_.cache_control.empty() && response.status < 400) {
        response.cache_control(options_.cache_control);
    } else if (response.cache_control().empty()) {
        response.cache_control("private, no-cache");
    }
    for (const std::string& name : options_.vary_by_headers) {
        response.vary(name);
    }
}

RouteCache::Looked RouteCache::look(http::Exchange& exchange, const KeyView& key,
                                    void (*renew)(http::Exchange&), Shared& fallback) const {
    const auto now = exchange.work.loop->now();
    const auto found = find(key, now);
    if (found.use == Use::none) {
        return Looked::absent;
    }
    if (found.item->passes()) [[unlikely]] {
        return Looked::passes;
    }
    if (found.use == Use::fresh) [[likely]] {
        give(exchange, *found.item, Result::hit);
        return Looked::given;
    }
    const bool may_try = now >= found.item->retry_at.load(std::memory_order_relaxed);
    if (found.use == Use::on_error && may_try) {
        fallback = found.item;
        return Looked::absent;
    }
    give(exchange, *found.item, found.use == Use::early ? Result::hit : Result::stale);
    if (may_try && !caches_.flights().is_under_way(key)) {
        http::call_in_background(exchange, renew);
    }
    return Looked::given;
}

Async<void> RouteCache::fill(const RouteCache& self, http::Exchange& exchange, Key key,
                             std::optional<Flights::Lead> lead, std::uint64_t stamp, Async<void> call) {
    Fill fill(self, exchange, key, std::move(lead), stamp);
    try {
        co_await std::move(call);
        fill.rendered();
    } catch (const http::Problem& problem) {
        fill.threw(problem);
        throw;
    } catch (const runtime::Cancelled&) {
        throw;
    } catch (...) {
        fill.failed();
        throw;
    }
}

Async<void> RouteCache::make_or_wait(const RouteCache& self, http::Exchange& exchange, Key key,
                                     Async<void> call) {
    SharedAnswer shared;
    if (self.caches_.remote() != nullptr) {
        shared = co_await find_shared_answer(self.caches_, key, self.name_);
        if (shared.item != nullptr) {
            self.give(exchange, *shared.item, Result::hit);
            co_return;
        }
    }
    auto turn = co_await self.caches_.take_turn(key, &AnswerItem::tag);
    if (turn.item != nullptr) {
        self.give(exchange, static_cast<const AnswerItem&>(*turn.item), Result::hit);
        co_return;
    }
    self.mark(exchange, Result::miss);
    if (turn.error) {
        std::rethrow_exception(turn.error);
    }
    http::admit(exchange);
    const Stamp stamp = turn.lead && shared.may_begin ? co_await self.caches_.remote()->begin() : 0;
    co_await fill(self, exchange, std::move(key), std::move(turn.lead), stamp, std::move(call));
}

Async<void> RouteCache::make(const RouteCache& self, http::Exchange& exchange, Key key, Shared fallback,
                             Async<void> call) {
    if (fallback == nullptr) {
        co_await make_or_wait(self, exchange, std::move(key), std::move(call));
        co_return;
    }
    std::string error;
    try {
        co_await make_or_wait(self, exchange, std::move(key), std::move(call));
        if (exchange.response.status < 500) {
            co_return;
        }
        error = concat({"status ", integer_text(exchange.response.status)});
    } catch (const http::Problem& problem) {
        if (problem.status() < 500) {
            throw;
        }
        error = problem.what();
    } catch (const runtime::Cancelled& cancelled) {
        if (cancelled.reason() != runtime::StopReason::deadline) {
            throw;
        }
        error = cancelled.what();
    } catch (const std::exception& failure) {
        error = failure.what();
    }
    self.give_instead(exchange, *fallback, error);
}

void RouteCache::give_instead(http::Exchange& exchange, const AnswerItem& item,
                              std::string_view error) const {
    const auto now = exchange.work.loop->now();
    item.retry_at.store(now + retry_after, std::memory_order_relaxed);
    auto due = warn_at_.load(std::memory_order_relaxed);
    if (now.count() >= due && warn_at_.compare_exchange_strong(due, (now + warn_every).count())) {
        log_warning("an answer could not be made: an older one is given while that lasts",
                    {{"endpoint", name_}, {"error", error}});
    }
    exchange.response.clear();
    exchange.stream.reset();
    give(exchange, item, Result::stale);
}

Async<void> RouteCache::renew(const RouteCache& self, http::Exchange& exchange, Key key, Async<void> call) {
    auto boarding = self.caches_.flights().board(key);
    if (!boarding.lead) {
        co_return;
    }
    http::admit(exchange);
    const auto before = self.caches_.memory().peek(key);
    bool ended = false;
    struct NoteFailure {
        const MemoryStore::Shared& item;
        const bool& ended;
        Time now;
        ~NoteFailure() {
            if (!ended && item != nullptr) {
                item->retry_at.store(now + retry_after, std::memory_order_relaxed);
            }
        }
    } const note{before, ended, exchange.work.loop->now()};
    auto* const shared = self.caches_.remote();
    const Stamp stamp =
        shared != nullptr && shared->is_usable(*exchange.work.loop) ? co_await shared->begin() : 0;
    co_await fill(self, exchange, std::move(key), std::move(boarding.lead), stamp, std::move(call));
    ended = exchange.response.status < 500;
}

Async<void> RouteCache::alone(const RouteCache& self, http::Exchange& exchange, Result counted_as,
                              Async<void> call) {
    http::admit(exchange);
    self.mark(exchange, counted_as);
    co_await std::move(call);
    self.say_who_may_keep(exchange.response);
}

}  // namespace brio::cache
