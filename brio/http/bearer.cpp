#include <brio/http/bearer.hpp>

#include <stdexcept>
#include <utility>

#include <brio/base/text.hpp>
#include <brio/http/token.hpp>

namespace brio::http {
namespace {

constexpr std::string_view scheme = "Bearer";

bool can_be_quoted(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return has_class(c, quoted_char); });
}

// RFC 6750 §3: without an error when the client said nothing of itself.
std::string challenge(const TokenVerifier& verifier, std::string_view error, std::string_view description) {
    auto text = concat({R"(Bearer realm=")", verifier.realm(), R"(")"});
    if (!error.empty()) {
        text += concat({R"(, error=")", error, R"(", error_description=")", description, R"(")"});
    }
    return text;
}

Problem unauthorised(std::string_view code, std::string detail, std::string with_challenge) {
    return Problem({.status = 401,
                    .code = std::string(code),
                    .detail = std::move(detail),
                    .headers = {{"WWW-Authenticate", std::move(with_challenge)}}});
}

Problem token_missing(const TokenVerifier& verifier) {
    return unauthorised("token_missing", "this needs a token: Authorization: Bearer <token>",
                        challenge(verifier, {}, {}));
}

Problem token_refused(const TokenVerifier& verifier, jwt::Fault fault) {
    const auto words = jwt::words_of(fault);
    return unauthorised(fault == jwt::Fault::expired ? "token_expired" : "token_invalid", std::string(words),
                        challenge(verifier, "invalid_token", words));
}

Problem insufficient_scope(const TokenVerifier& verifier, std::span<const std::string_view> scopes) {
    std::string all;
    for (const auto scope : scopes) {
        all += all.empty() ? "" : " ";
        all += scope;
    }
    auto with_challenge = challenge(verifier, "insufficient_scope", "the token does not hold every scope");
    with_challenge += concat({R"(, scope=")", all, R"(")"});
    return Problem({.status = 403,
                    .code = "insufficient_scope",
                    .detail = concat({"this needs a token with the scope ", all}),
                    .headers = {{"WWW-Authenticate", std::move(with_challenge)}}});
}

// The text behind the scheme; nothing when there is no such credential.
std::optional<std::string_view> credential(std::string_view field) {
    const auto space = field.find(' ');
    if (!equals_ignoring_case(field.substr(0, space), scheme)) {
        return std::nullopt;
    }
    return space == std::string_view::npos ? std::string_view() : trim(field.substr(space));
}

}  // namespace

TokenVerifier::TokenVerifier(std::vector<jwt::Key> keys, jwt::Rules rules, std::string realm,
                             WallTime (*clock)() noexcept)
    : keys_(std::move(keys)),
      rules_(std::move(rules)),
      realm_(std::move(realm)),
      clock_(clock) {
    if (keys_.empty()) {
        throw std::invalid_argument("a TokenVerifier needs at least one key");
    }
    for (auto key = keys_.begin(); key != keys_.end(); ++key) {
        if (std::find_if(keys_.begin(), key,
                         [&](const jwt::Key& other) { return other.id() == key->id(); }) != key) {
            throw std::invalid_argument(
                concat({"two keys of a TokenVerifier have the id '", key->id(), "'"}));
        }
    }
    if (!can_be_quoted(realm_)) {
        throw std::invalid_argument("a realm must not hold quotes, backslashes or control characters");
    }
}

std::expected<TokenVerifier::Verified, jwt::Fault> TokenVerifier::verify(std::string_view token) const {
    auto payload = jwt::verify_signature(token, keys_);
    if (!payload) {
        return std::unexpected(payload.error());
    }
    auto grant = jwt::check_claims(*payload, rules_, clock_().time_since_epoch());
    if (!grant) {
        return std::unexpected(grant.error());
    }
    return Verified{std::move(*payload), std::move(*grant)};
}

namespace detail {

std::string authorised_payload(const Exchange& exchange, const TokenVerifier& verifier,
                               std::span<const std::string_view> scopes) {
    const auto field = exchange.head.find(Known::authorization);
    const auto token = field ? credential(*field) : std::nullopt;
    if (!token) {
        throw token_missing(verifier);
    }
    std::size_t fields = 0;
    exchange.head.each(Known::authorization, [&](std::string_view) { ++fields; });
    if (fields != 1) {
        throw token_refused(verifier, jwt::Fault::malformed);
    }
    auto verified = verifier.verify(*token);
    if (!verified) {
        throw token_refused(verifier, verified.error());
    }
    if (!std::ranges::all_of(scopes, [&](std::string_view scope) { return verified->grant.has(scope); })) {
        throw insufficient_scope(verifier, scopes);
    }
    return std::move(verified->payload);
}

Problem claims_problem(const TokenVerifier& verifier, const json::ReadError& error) {
    return unauthorised("token_invalid",
                        concat({"the claims of the token do not fit: ", json::describe(error)}),
                        challenge(verifier, "invalid_token", jwt::words_of(jwt::Fault::claims)));
}

void describe_bearer(OperationSchema& operation) {
    if (std::ranges::find(operation.security, "bearer") == operation.security.end()) {
        operation.security.emplace_back("bearer");
    }
}

}  // namespace detail
}  // namespace brio::http
