// Bearer<Claims>: the verified claims of `Authorization: Bearer <JWT>` as a handler's parameter (RFC 6750).
//
//     struct Account { std::string sub; std::string name; };
//     Async<Resource> create(Bearer<Account, "resources:write"> account, Body<NewResource> body, Db db);
//
//     http::TokenVerifier verifier({http::jwt::Key::hs256(secret)}, {.issuer = "https://login.example"});
//     app.service(verifier);
//
// Name it before Body, so that who is not known learns nothing about the body. Whoever answers such a route
// from a cache must make the token's owner part of the key.
#pragma once
#include <algorithm>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <brio/base/clock.hpp>
#include <brio/http/jwt.hpp>
#include <brio/http/jwt_claims.hpp>
#include <brio/http/operation.hpp>
#include <brio/http/pattern.hpp>
#include <brio/http/problem.hpp>
#include <brio/http/provide.hpp>
#include <brio/json/read.hpp>

namespace brio::http {

/// Verifies tokens with the program's keys and rules; a service that Bearer parameters need. Thread-safe.
class TokenVerifier {
public:
    /// Throws std::invalid_argument without keys, with two of one id, or with a realm that cannot stand
    /// between quotes. `clock` is read once a token.
    explicit TokenVerifier(std::vector<jwt::Key> keys, jwt::Rules rules = {}, std::string realm = "api",
                           WallTime (*clock)() noexcept = wall_now);

    struct Verified {
        std::string payload;  // the claims as JSON text
        jwt::Grant grant;
    };
    std::expected<Verified, jwt::Fault> verify(std::string_view token) const;
    const std::string& realm() const noexcept { return realm_; }

private:
    std::vector<jwt::Key> keys_;
    jwt::Rules rules_;
    std::string realm_;
    WallTime (*clock_)() noexcept;
};

/// The claims as a T, a plain struct read like a JSON body whose other keys are ignored, of a token that
/// holds every one of the scopes. 401 `token_missing`, `token_invalid` or `token_expired` and 403
/// `insufficient_scope`, with WWW-Authenticate.
template <class T, FixedText... Scopes>
struct Bearer {
    T value{};
    const T& operator*() const noexcept { return value; }
    const T* operator->() const noexcept { return &value; }
};

namespace detail {

/// The payload of the request's token; throws 401 or 403.
std::string authorised_payload(const Exchange& exchange, const TokenVerifier& verifier,
                               std::span<const std::string_view> scopes);
/// 401 `token_invalid`: the claims are not what the route needs.
Problem claims_problem(const TokenVerifier& verifier, const json::ReadError& error);
void describe_bearer(OperationSchema& operation);

/// A scope-token (RFC 6749 §3.3): printable ASCII but space, quote and backslash.
constexpr bool is_scope(std::string_view text) noexcept {
    return !text.empty() &&
           std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '\\'; });
}

/// Claims besides those of the struct are nobody's mistake.
template <class T>
inline constexpr json::detail::Shape open_shape = [] {
    auto shape = json::detail::shape<T>;
    shape.open = true;
    return shape;
}();

}  // namespace detail

template <class T, FixedText... Scopes>
struct Provide<Bearer<T, Scopes...>> {
    static_assert((detail::is_scope(Scopes.view()) && ...), "a scope is one word of printable ASCII");
    using Service = TokenVerifier;

    static std::optional<Bearer<T, Scopes...>> from(Exchange& exchange) {
        static constexpr std::array<std::string_view, sizeof...(Scopes)> scopes{Scopes.view()...};
        auto const& verifier = exchange.services->get<TokenVerifier>();
        auto const payload = detail::authorised_payload(exchange, verifier, scopes);
        Bearer<T, Scopes...> bearer;
        if (auto const error = json::detail::read_shape(payload, {}, detail::open_shape<T>, &bearer.value)) {
            throw detail::claims_problem(verifier, *error);
        }
        return bearer;
    }
    static void describe(OperationSchema& operation) { detail::describe_bearer(operation); }
};

}  // namespace brio::http
