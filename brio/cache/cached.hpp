// cached(ttl, handler): a GET handler whose answers are kept and given again.
//
//     api.get<"/api/resources">(cached(300s, list_resources));
//     api.get<"/api/me">(cached<VaryBy::identity>(60s, show_me, {.stale_if_error = 1h}));
//
// The answer is bound to the tables that the handler's statements read: a write to one of them ends it, and
// the writer sees what it wrote. What else a handler reads (files, other services, the clock) only the time
// ends, or a tag. Its key is the route and the handler's parameters, by their values; whatever the handler
// looks at besides, its answers must not depend on.
//
// A handler that takes who asks (Bearer, Cookie, Header<"Authorization">, the whole Request) does not compile
// without VaryBy::identity: an answer must never reach another person. Of a Request its target, Authorization
// and Cookie are in the key; other fields it reads go into `vary_by_headers`.
//
// Not kept: other statuses than 200, 203, 204, 301, 308, 404 and 410, what sets cookies, what says no-store,
// streams, what the handler itself wrote or read within a transaction, and what changed while it was made.
// X-Cache says what happened: HIT, STALE, MISS, BYPASS. Sources: RFC 9111, RFC 5861.
#pragma once
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <tuple>
#include <type_traits>
#include <utility>

#include <brio/cache/key_parameters.hpp>
#include <brio/cache/route_cache.hpp>
#include <brio/cache/target_memo.hpp>
#include <brio/http/background.hpp>
#include <brio/http/handler.hpp>
#include <brio/http/problem.hpp>
#include <brio/http/stream.hpp>

namespace brio::cache {

enum class VaryBy : std::uint8_t { nothing, identity };

namespace detail {

/// The caches that a route was used with: one in a program, several in tests.
class RouteCaches {
public:
    const RouteCache& of(Caches& caches, const http::Route& route, RouteCache::Settings settings,
                         const CachedOptions& options);

private:
    std::atomic<const RouteCache*> last_{nullptr};
    std::mutex mutex_;
    std::vector<std::unique_ptr<const RouteCache>> all_;  // guarded by mutex_
};

template <class T>
inline constexpr bool is_stream = std::is_same_v<T, http::Stream> || std::is_same_v<T, http::EventStream>;
template <class... T>
inline constexpr bool is_stream<std::variant<T...>> = (is_stream<T> || ...);

}  // namespace detail

template <VaryBy By, class Handler>
struct Cached {
    std::chrono::nanoseconds ttl;
    Handler handler;
    CachedOptions options;
    std::unique_ptr<detail::RouteCaches> routes = std::make_unique<detail::RouteCaches>();
};

template <VaryBy By = VaryBy::nothing, class Handler>
Cached<By, Handler> cached(std::chrono::nanoseconds ttl, Handler handler, CachedOptions options = {}) {
    expect(ttl.count() > 0, "what is cached has a time that is longer than nothing");
    return {ttl, std::move(handler), std::move(options)};
}

}  // namespace brio::cache

namespace brio {
using cache::cached;
using cache::VaryBy;
}  // namespace brio

template <brio::cache::VaryBy By, class Handler>
struct brio::http::HandlerAdapter<brio::cache::Cached<By, Handler>> {
    using Inner = HandlerAdapter<Handler>;
    using Arguments = typename Inner::Arguments;
    using Value = typename Inner::Value;
    using CachedHandler = cache::Cached<By, Handler>;

    static constexpr bool admits_itself = true;  // what is kept is cheaper to give than to refuse

    static void check(Method method) {
        expect(method == Method::get, "only GET routes are cached: what others do would be left undone");
    }

    static void invoke(Exchange& exchange) {
        [&]<class... A>(std::type_identity<std::tuple<A...>>) {
            static_assert(
                By == cache::VaryBy::identity || !(cache::is_identity<A> || ...),
                "the handler reads who asks (Bearer, Cookie, Header<\"Authorization\"> or the whole "
                "Request): say cached<VaryBy::identity>(…), or one person's answer reaches another");
            static_assert(!cache::detail::is_stream<Value>,
                          "a stream is made for one who listens: it cannot be cached");
        }(std::type_identity<Arguments>{});
        begin<false>(exchange);
    }

    static void describe(OperationSchema& operation) { Inner::describe(operation); }

    static std::vector<const void*> services() {
        auto keys = Inner::services();
        keys.push_back(&Services::key<cache::Caches>);
        return keys;
    }

private:
    using Kept = std::conditional_t<std::is_void_v<Value>, NoContent, Value>;
    using RouteCache = cache::RouteCache;

    static const CachedHandler& self_of(const Exchange& exchange) {
        return *static_cast<const CachedHandler*>(exchange.route->endpoint.handler.get());
    }

    static const RouteCache& route_of(const Exchange& exchange) {
        constexpr bool whole_request = []<class... A>(std::type_identity<std::tuple<A...>>) {
            return (std::is_same_v<A, Request> || ...);
        }(std::type_identity<Arguments>{});
        auto const& self = self_of(exchange);
        return self.routes->of(exchange.services->get<cache::Caches>(), *exchange.route,
                               {.ttl = self.ttl, .by_cookie_and_authorization = whole_request}, self.options);
    }

    // Parameters first, then the cache; `Renews`: only to make the answer anew.
    template <bool Renews>
    static void begin(Exchange& exchange) {
        [&]<class... A>(std::type_identity<std::tuple<A...>>) {
            if constexpr (!Renews && (cache::is_of_target_alone<A> && ...)) {
                if (answer_again(exchange)) [[likely]] {
                    return;
                }
            }
            exchange.ledger.enter(ledger::Phase::validate);
            if constexpr ((provided_async<A> || ...)) {
                exchange.run(provide_and_answer<Renews, A...>(exchange), &ended);
            } else {
                std::tuple<std::optional<A>...> arguments{Provide<A>::from(exchange)...};  // in order: braces
                if (!exchange.errors.empty()) [[unlikely]] {
                    throw_invalid(exchange);
                }
                if (auto call = answer<Renews>(exchange, std::move(arguments))) {
                    exchange.run(std::move(call), &ended);
                }
            }
        }(std::type_identity<Arguments>{});
    }

    // Whether this very target was asked for before, and its answer is there.
    static bool answer_again(Exchange& exchange) {
        auto const& route = route_of(exchange);
        if (!route.options().vary_by_headers.empty() || route.is_bypassed(exchange)) [[unlikely]] {
            return false;
        }
        exchange.ledger.enter(ledger::Phase::cache);
        auto const key = cache::TargetMemo::here().find(route.number(), exchange.head.target());
        RouteCache::Shared fallback;
        return key && route.look(exchange, *key, &begin<true>, fallback) == RouteCache::Looked::given;
    }

    static void ended(Exchange& exchange) { exchange.take_result<void>(); }

    // Nothing when the answer was there; else what makes it.
    template <bool Renews, class... A>
    static Async<void> answer(Exchange& exchange, std::tuple<std::optional<A>...> arguments) {
        exchange.ledger.enter(ledger::Phase::cache);
        auto const& route = route_of(exchange);
        if (!Renews && route.is_bypassed(exchange)) [[unlikely]] {
            return RouteCache::alone(route, exchange, cache::Result::bypass,
                                     call<A...>(exchange, std::move(arguments)));
        }
        thread_local Buffer space;
        space.clear();
        cache::KeyWriter writer(space);
        route.begin_key(writer, exchange);
        std::apply([&](auto const&... each) { (writer.add(*each), ...); }, arguments);
        cache::KeyView const key(space.view());
        if constexpr ((cache::is_of_target_alone<A> && ...)) {
            cache::TargetMemo::here().put(route.number(), exchange.head.target(), key);
        }
        if constexpr (Renews) {
            return RouteCache::renew(route, exchange, cache::Key(std::string(key.bytes)),
                                     call<A...>(exchange, std::move(arguments)));
        } else {
            RouteCache::Shared fallback;
            auto const looked = route.look(exchange, key, &begin<true>, fallback);
            if (looked == RouteCache::Looked::given) [[likely]] {
                return {};
            }
            if (looked == RouteCache::Looked::passes) {
                return RouteCache::alone(route, exchange, cache::Result::miss,
                                         call<A...>(exchange, std::move(arguments)));
            }
            return RouteCache::make(route, exchange, cache::Key(std::string(key.bytes)), std::move(fallback),
                                    call<A...>(exchange, std::move(arguments)));
        }
    }

    // The handler and its result, as without the cache.
    template <class... A>
    static Async<void> call(Exchange& exchange, std::tuple<std::optional<A>...> arguments) {
        exchange.ledger.enter(ledger::Phase::handler);
        auto const& handler = self_of(exchange).handler;
        auto called = [&] {
            return std::apply([&](auto&... each) { return handler(std::move(*each)...); }, arguments);
        };
        if constexpr (!detail::is_async<typename Inner::Result>::value) {
            if constexpr (std::is_void_v<Value>) {
                called();
                render(exchange, NoContent{});
            } else {
                render(exchange, called());
            }
        } else if constexpr (std::is_void_v<Value>) {
            co_await called();
            render(exchange, NoContent{});
        } else {
            render(exchange, co_await called());
        }
        co_return;
    }

    static void render(Exchange& exchange, Kept value) {
        exchange.ledger.enter(ledger::Phase::serialise);
        Render<Kept>::to(exchange, std::move(value));
    }

    template <class T>
    static Async<std::optional<T>> provide(Exchange& exchange) {
        if constexpr (provided_async<T>) {
            co_return co_await Provide<T>::from(exchange);
        } else {
            co_return Provide<T>::from(exchange);
        }
    }

    template <bool Renews, class... A>
    static Async<void> provide_and_answer(Exchange& exchange) {
        std::tuple<std::optional<A>...> arguments{co_await provide<A>(exchange)...};
        if (!exchange.errors.empty()) {
            throw_invalid(exchange);
        }
        if (auto call = answer<Renews>(exchange, std::move(arguments))) {
            co_await std::move(call);
        }
    }
};
