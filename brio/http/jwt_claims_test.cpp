#include <brio/http/jwt_claims.hpp>

#include <gtest/gtest.h>

namespace brio::http::jwt {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds now = 1'000'000s;

std::expected<Grant, Fault> check(std::string_view payload, const Rules& rules = {.needs_expiry = false},
                                  std::chrono::microseconds at = now) {
    return check_claims(payload, rules, at);
}
Fault fault_of(std::string_view payload, const Rules& rules = {.needs_expiry = false}) {
    const auto result = check(payload, rules);
    EXPECT_FALSE(result) << payload;
    return result ? Fault::too_long : result.error();
}

TEST(JwtClaims, ATokenEndsWithTheLeewayAfterItsExpiry) {
    const Rules rules{.leeway = 60s};
    EXPECT_TRUE(check(R"({"exp":1000000})", rules, now + 59'999'999us));
    EXPECT_EQ(check(R"({"exp":1000000})", rules, now + 60s).error(), Fault::expired);
}

TEST(JwtClaims, ExpiryIsExclusiveWithoutLeeway) {
    const Rules rules{.leeway = 0s};
    EXPECT_TRUE(check(R"({"exp":1000000})", rules, now - 1us));
    EXPECT_EQ(check(R"({"exp":1000000})", rules, now).error(), Fault::expired);
}

TEST(JwtClaims, DatesMayHaveFractions) {
    const Rules rules{.leeway = 0s};
    EXPECT_TRUE(check(R"({"exp":1000000.5})", rules, now + 499ms));
    EXPECT_EQ(check(R"({"exp":1000000.5})", rules, now + 500ms).error(), Fault::expired);
}

TEST(JwtClaims, ATokenWithoutExpiryIsRefusedUnlessAllowed) {
    EXPECT_EQ(fault_of("{}", Rules{}), Fault::claims);
    EXPECT_TRUE(check("{}"));
}

TEST(JwtClaims, ATokenBeginsWithTheLeewayBeforeItsTime) {
    for (const auto* payload : {R"({"nbf":1000060})", R"({"iat":1000060})"}) {
        EXPECT_TRUE(check(payload)) << payload;
        EXPECT_EQ(check(payload, {.needs_expiry = false}, now - 1us).error(), Fault::not_yet_valid)
            << payload;
    }
}

TEST(JwtClaims, TheIssuerMustBeTheOneAskedFor) {
    const Rules rules{.issuer = "https://login.example", .needs_expiry = false};
    EXPECT_TRUE(check(R"({"iss":"https://login.example"})", rules));
    EXPECT_EQ(fault_of(R"({"iss":"https://login.example/"})", rules), Fault::issuer);
    EXPECT_EQ(fault_of("{}", rules), Fault::issuer);
    EXPECT_TRUE(check(R"({"iss":"anybody"})"));
}

TEST(JwtClaims, TheAudienceIsOneOrAmongMany) {
    const Rules rules{.audience = "shop", .needs_expiry = false};
    EXPECT_TRUE(check(R"({"aud":"shop"})", rules));
    EXPECT_TRUE(check(R"({"aud":["bank","shop"]})", rules));
    EXPECT_EQ(fault_of(R"({"aud":["bank"]})", rules), Fault::audience);
    EXPECT_EQ(fault_of(R"({"aud":[]})", rules), Fault::audience);
    EXPECT_EQ(fault_of("{}", rules), Fault::audience);
}

TEST(JwtClaims, ATokenForSomeAudienceIsNotForWhoHasNoName) {
    EXPECT_EQ(fault_of(R"({"aud":"shop"})"), Fault::audience);
    EXPECT_EQ(fault_of(R"({"aud":""})"), Fault::audience);
}

TEST(JwtClaims, ScopesAreWordsOrAList) {
    EXPECT_EQ(check(R"({"scope":"read  write "})")->scopes, (std::vector<std::string>{"read", "write"}));
    EXPECT_EQ(check(R"({"scp":["read","write"]})")->scopes, (std::vector<std::string>{"read", "write"}));
    EXPECT_EQ(check(R"({"scope":"read","scp":["write"]})")->scopes, (std::vector<std::string>{"read"}));
    EXPECT_TRUE(check("{}")->scopes.empty());
}

TEST(JwtClaims, AScopeIsCountedWholeOnly) {
    const auto grant = check(R"({"scope":"resources:write"})");
    EXPECT_TRUE(grant->has("resources:write"));
    EXPECT_FALSE(grant->has("resources"));
    EXPECT_FALSE(grant->has(""));
}

TEST(JwtClaims, RegisteredClaimsOfTheWrongTypeAreFaults) {
    for (const auto* payload :
         {R"({"exp":"1000000"})", R"({"nbf":true})", R"({"iat":[]})", R"({"iss":7})", R"({"aud":{"a":1}})",
          R"({"aud":[1]})", R"({"scope":5})", R"({"exp":1,"exp":2})"}) {
        EXPECT_EQ(fault_of(payload), Fault::claims) << payload;
    }
}

TEST(JwtClaims, WhatIsNoObjectIsMalformed) {
    EXPECT_EQ(fault_of(""), Fault::malformed);
    EXPECT_EQ(fault_of("{"), Fault::malformed);
    EXPECT_EQ(fault_of(R"({"exp":1e999})"), Fault::claims);
    EXPECT_EQ(fault_of("[]"), Fault::claims);
}

}  // namespace
}  // namespace brio::http::jwt
