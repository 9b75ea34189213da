// From a handler to an Endpoint: parameters provided, the coroutine started, its result rendered.
//
// A handler is a function, or an object with one call operator, that takes Provided types by value and
// returns Async<R> or R, where R is rendered by Render<R> (render.hpp). A plain R is for handlers that never
// wait: they cost no coroutine.
#pragma once
#include <memory>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <brio/http/exchange.hpp>
#include <brio/http/operation.hpp>
#include <brio/http/pattern.hpp>
#include <brio/http/provide.hpp>
#include <brio/http/render.hpp>
#include <brio/http/route.hpp>

namespace brio::http {

namespace detail {

template <class T>
struct Signature : Signature<decltype(&T::operator())> {};
template <class R, class... A>
struct Signature<R (*)(A...)> {
    using Result = R;
    using Arguments = std::tuple<A...>;
};
template <class R, class... A>
struct Signature<R (*)(A...) noexcept> : Signature<R (*)(A...)> {};
template <class C, class R, class... A>
struct Signature<R (C::*)(A...) const> : Signature<R (*)(A...)> {};
template <class C, class R, class... A>
struct Signature<R (C::*)(A...)> : Signature<R (*)(A...)> {};

template <class T>
struct Unwrapped {
    using type = T;
};
template <class T>
struct Unwrapped<Async<T>> {
    using type = T;
};

template <class T>
constexpr std::string_view path_name_of() {
    if constexpr (requires { T::path_name; }) {
        return T::path_name;
    } else {
        return {};
    }
}

template <class T>
constexpr void describe_parameter(OperationSchema& operation) {
    if constexpr (requires { Provide<T>::describe(operation); }) {
        Provide<T>::describe(operation);
    }
}

template <class T>
void add_service(std::vector<const void*>& keys) {
    if constexpr (requires { typename Provide<T>::Service; }) {
        keys.push_back(&Services::key<typename Provide<T>::Service>);
    }
}

}  // namespace detail

/// How a kind of handler becomes an endpoint; specialised by who wraps handlers, as a cache does. One that is
/// not for every method stops the program in `check(method)`.
template <class Handler>
struct HandlerAdapter {
    using Signature = detail::Signature<Handler>;
    using Arguments = typename Signature::Arguments;
    using Result = typename Signature::Result;
    using Value = typename detail::Unwrapped<Result>::type;

    /// Throws what the handler throws before its first wait. Leaves an answer or a pending call.
    static void invoke(Exchange& exchange) {
        [&]<class... A>(std::type_identity<std::tuple<A...>>) {
            static_assert((!std::is_reference_v<A> && ...),
                          "handlers take parameters by value: the coroutine outlives the call");
            static_assert((Provided<A> && ...),
                          "a parameter's type has no Provide<T>: http, db, cache and tasks provide theirs "
                          "when their header is included; specialise brio::http::Provide for your own");
            if constexpr ((provided_async<A> || ...)) {
                exchange.run(provide_and_call<A...>(exchange), [](Exchange& ended) {
                    if (auto value = ended.take_result<std::optional<Kept>>()) {
                        render(ended, std::move(*value));
                    } else {
                        throw_invalid(ended);
                    }
                });
            } else {
                if constexpr (sizeof...(A) != 0) {
                    exchange.ledger.enter(ledger::Phase::validate);
                }
                std::tuple<std::optional<A>...> arguments{Provide<A>::from(exchange)...};  // in order: braces
                if (!exchange.errors.empty()) [[unlikely]] {
                    throw_invalid(exchange);
                }
                exchange.ledger.enter(ledger::Phase::handler);
                std::apply([&](auto&... each) { call(exchange, std::move(*each)...); }, arguments);
            }
        }(std::type_identity<Arguments>{});
    }

    static void describe(OperationSchema& operation) {
        [&]<class... A>(std::type_identity<std::tuple<A...>>) {
            (detail::describe_parameter<A>(operation), ...);
        }(std::type_identity<Arguments>{});
        Render<Value>::describe(operation);
    }

    static std::vector<const void*> services() {
        std::vector<const void*> keys;
        [&]<class... A>(std::type_identity<std::tuple<A...>>) {
            (detail::add_service<A>(keys), ...);
        }(std::type_identity<Arguments>{});
        return keys;
    }

private:
    using Kept = std::conditional_t<std::is_void_v<Value>, NoContent, Value>;

    static const Handler& handler_of(const Exchange& exchange) {
        return *static_cast<const Handler*>(exchange.route->endpoint.handler.get());
    }

    static void render(Exchange& exchange, Kept value) {
        exchange.ledger.enter(ledger::Phase::serialise);
        Render<Kept>::to(exchange, std::move(value));
    }

    template <class... A>
    static void call(Exchange& exchange, A... arguments) {
        auto const& handler = handler_of(exchange);
        if constexpr (detail::is_async<Result>::value) {
            exchange.run(handler(std::move(arguments)...), [](Exchange& ended) {
                if constexpr (std::is_void_v<Value>) {
                    ended.take_result<void>();
                    render(ended, NoContent{});
                } else {
                    render(ended, ended.take_result<Value>());
                }
            });
        } else if constexpr (std::is_void_v<Result>) {
            handler(std::move(arguments)...);
            render(exchange, NoContent{});
        } else {
            render(exchange, handler(std::move(arguments)...));
        }
    }

    template <class T>
    static Async<std::optional<T>> provide(Exchange& exchange) {
        if constexpr (provided_async<T>) {
            co_return co_await Provide<T>::from(exchange);
        } else {
            co_return Provide<T>::from(exchange);
        }
    }

    // Nothing when a parameter was not valid.
    template <class... A>
    static Async<std::optional<Kept>> provide_and_call(Exchange& exchange) {
        exchange.ledger.enter(ledger::Phase::validate);
        std::tuple<std::optional<A>...> arguments{co_await provide<A>(exchange)...};
        if (!exchange.errors.empty()) {
            co_return std::nullopt;
        }
        exchange.ledger.enter(ledger::Phase::handler);
        auto const& handler = handler_of(exchange);
        auto invoked = [&] {
            return std::apply([&](auto&... each) { return handler(std::move(*each)...); }, arguments);
        };
        if constexpr (!detail::is_async<Result>::value) {
            co_return invoked();
        } else if constexpr (std::is_void_v<Value>) {
            co_await invoked();
            co_return NoContent{};
        } else {
            co_return co_await invoked();
        }
    }
};

/// Calls admit() (admission.hpp) by itself, where its answer has to be made.
template <class Adapter>
concept AdmitsItself = requires { Adapter::admits_itself; };

template <class Handler>
Endpoint make_endpoint(Handler handler) {
    using Adapter = HandlerAdapter<Handler>;
    return {.invoke = &Adapter::invoke,
            .describe = &Adapter::describe,
            .handler = std::make_shared<const Handler>(std::move(handler)),
            .services = Adapter::services(),
            .admits_itself = AdmitsItself<Adapter>};
}

/// Every Path<"name", T> of the handler stands in the pattern, and the pattern has no other parameter.
template <class Handler>
constexpr bool path_parameters_match(std::string_view pattern) {
    return []<class... A>(std::type_identity<std::tuple<A...>>, std::string_view text) {
        std::size_t const named = (0 + ... + (detail::path_name_of<A>().empty() ? 0 : 1));
        bool const all_there =
            ((detail::path_name_of<A>().empty() || has_parameter(text, detail::path_name_of<A>())) && ...);
        return all_there && named == parameter_count(text);
    }(std::type_identity<typename HandlerAdapter<Handler>::Arguments>{}, pattern);
}

}  // namespace brio::http
