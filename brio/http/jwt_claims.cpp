#include <brio/http/jwt_claims.hpp>

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include <brio/json/read.hpp>

namespace brio::http::jwt {
namespace {

using Words = std::variant<std::string, std::vector<std::string>>;

// Dates may have fractions (RFC 7519 §2): seconds since 1970.
struct Registered {
    static constexpr bool open_object = true;
    std::optional<double> exp;
    std::optional<double> nbf;
    std::optional<double> iat;
    std::optional<std::string> iss;
    std::optional<Words> aud;
    std::optional<Words> scope;
    std::optional<Words> scp;
};

bool names(const std::optional<Words>& audiences, std::string_view wanted) {
    if (!audiences || wanted.empty()) {
        return !audiences && wanted.empty();
    }
    if (const auto* one = std::get_if<std::string>(&*audiences)) {
        return *one == wanted;
    }
    return std::ranges::find(std::get<1>(*audiences), wanted) != std::get<1>(*audiences).end();
}

std::vector<std::string> words_in(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        if (end != 0) {
            words.emplace_back(text.substr(0, end));
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

Grant grant_of(Registered& claims) {
    auto& scopes = claims.scope ? claims.scope : claims.scp;
    if (!scopes) {
        return {};
    }
    if (const auto* text = std::get_if<std::string>(&*scopes)) {
        return {words_in(*text)};
    }
    return {std::move(std::get<1>(*scopes))};
}

}  // namespace

bool Grant::has(std::string_view scope) const noexcept {
    return std::ranges::find(scopes, scope) != scopes.end();
}

std::expected<Grant, Fault> check_claims(std::string_view payload, const Rules& rules,
                                         std::chrono::microseconds now) {
    auto claims = json::read<Registered>(payload);
    if (!claims) {
        return std::unexpected(claims.error().kind == json::ReadError::Kind::invalid ? Fault::claims
                                                                                     : Fault::malformed);
    }
    const auto seconds = std::chrono::duration<double>(now).count();
    const auto leeway = std::chrono::duration<double>(rules.leeway).count();
    if (!claims->exp && rules.needs_expiry) {
        return std::unexpected(Fault::claims);
    }
    if (claims->exp && seconds >= *claims->exp + leeway) {
        return std::unexpected(Fault::expired);
    }
    if (seconds + leeway < std::max(claims->nbf.value_or(seconds), claims->iat.value_or(seconds))) {
        return std::unexpected(Fault::not_yet_valid);
    }
    if (!rules.issuer.empty() && claims->iss != rules.issuer) {
        return std::unexpected(Fault::issuer);
    }
    if (!names(claims->aud, rules.audience)) {
        return std::unexpected(Fault::audience);
    }
    return grant_of(*claims);
}

}  // namespace brio::http::jwt
