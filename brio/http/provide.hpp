// How a handler's parameters come about: Provide<T> makes a T from the request.
//
// A handler's parameters are its dependencies. http provides Path, Query, Body, Header, IfMatch, Request;
// other modules and programs specialise Provide for types of their own:
//
//     template <> struct brio::http::Provide<Tenant> {
//         static std::optional<Tenant> from(Exchange& exchange);         // or Async<std::optional<Tenant>>,
//         when it has to wait static void describe(OperationSchema& operation);              // optional:
//         what OpenAPI says of it using Service = TenantDirectory;                               // optional:
//         must have been added to the program
//     };
//
// from() gives no value if and only if it added to exchange.errors: then the handler is not called and the
// client gets 422 with the errors of all parameters. It may throw a Problem for anything else, as 401.
#pragma once
#include <concepts>
#include <optional>
#include <type_traits>

#include <brio/http/exchange.hpp>
#include <brio/runtime/async.hpp>

namespace brio::http {

class OperationSchema;

template <class T>
struct Provide;

namespace detail {
template <class T>
struct is_async : std::false_type {};
template <class T>
struct is_async<Async<T>> : std::true_type {};
}  // namespace detail

/// Can be a handler's parameter.
template <class T>
concept Provided = requires(Exchange& exchange) {
    { Provide<T>::from(exchange) } -> std::same_as<std::optional<T>>;
} || requires(Exchange& exchange) {
    { Provide<T>::from(exchange) } -> std::same_as<Async<std::optional<T>>>;
};

template <class T>
inline constexpr bool provided_async =
    detail::is_async<decltype(Provide<T>::from(std::declval<Exchange&>()))>::value;

}  // namespace brio::http
