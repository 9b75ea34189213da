#include <brio/http/bearer.hpp>
#include <brio/http/wire_harness.hpp>

#include <gtest/gtest.h>

#include <stdexcept>

namespace brio::http {
namespace {

using namespace std::chrono_literals;
using test::body_of;
using test::header_of;
using test::status_of;
using test::Wire;

constexpr std::string_view secret = "a secret of more than thirty-two bytes";
constexpr std::string_view wanted = R"(Bearer realm="shop")";

WallTime at_one_million() noexcept { return WallTime(1'000'000s); }

struct Account {
    std::string sub;
    std::optional<std::string> name;
};
struct Note {
    std::string text;
};

Account who(Bearer<Account> account) { return *account; }
Async<Account> write_note(Bearer<Account, "notes:read", "notes:write"> account, Body<Note>) {
    co_return *account;
}

void routes(Router& router) {
    router.get<"/who">(who);
    router.post<"/notes">(write_note);
}

std::string token_of(std::string_view payload) { return jwt::sign_hs256(payload, secret); }

class BearerTest : public testing::Test {
protected:
    std::string who_is(std::string_view fields) {
        return wire_.ask("GET /who HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n");
    }
    std::string with_token(std::string_view payload) {
        return who_is("Authorization: Bearer " + token_of(payload) + "\r\n");
    }
    std::string post_note(std::string_view payload, std::string_view body) {
        return wire_.ask(
            "POST /notes HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nAuthorization: Bearer " +
            token_of(payload) + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
            std::string(body));
    }

private:
    Services services() {
        Services all;
        all.add(verifier_);
        return all;
    }
    TokenVerifier verifier_{{jwt::Key::hs256(secret)}, {.issuer = "login"}, "shop", at_one_million};
    Wire wire_{routes, {}, {}, services()};
};

TEST_F(BearerTest, TheClaimsOfAGoodTokenReachTheHandler) {
    const auto answer = with_token(R"({"iss":"login","exp":1000100,"sub":"ada","name":"Ada","x":{"y":1}})");
    EXPECT_EQ(status_of(answer), 200);
    EXPECT_EQ(body_of(answer), R"({"sub":"ada","name":"Ada"})");
    EXPECT_EQ(header_of(answer, "WWW-Authenticate"), "(absent)");
}

TEST_F(BearerTest, WithoutATokenTheChallengeNamesNoError) {
    for (const auto* fields : {"", "Authorization: Basic YTpi\r\n", "Authorization: Bearers abc\r\n"}) {
        const auto answer = who_is(fields);
        EXPECT_EQ(status_of(answer), 401) << fields;
        EXPECT_EQ(header_of(answer, "WWW-Authenticate"), wanted);
        EXPECT_NE(body_of(answer).find(R"("code":"token_missing")"), std::string_view::npos);
        EXPECT_EQ(header_of(answer, "Content-Type"), "application/problem+json");
    }
}

TEST_F(BearerTest, TheSchemeIsReadInAnyCase) {
    const auto token = token_of(R"({"iss":"login","exp":1000100,"sub":"ada"})");
    EXPECT_EQ(status_of(who_is("Authorization: bEARER   " + token + "\r\n")), 200);
}

TEST_F(BearerTest, AnExpiredTokenSaysSo) {
    const auto answer = with_token(R"({"iss":"login","exp":999900,"sub":"ada"})");
    EXPECT_EQ(status_of(answer), 401);
    EXPECT_NE(body_of(answer).find(R"("code":"token_expired")"), std::string_view::npos);
    EXPECT_EQ(header_of(answer, "WWW-Authenticate"),
              R"(Bearer realm="shop", error="invalid_token", error_description="the token has expired")");
}

TEST_F(BearerTest, ATokenThatIsNotTrustedIsInvalid) {
    const auto good = token_of(R"({"iss":"login","exp":1000100,"sub":"ada"})");
    const auto foreign = jwt::sign_hs256(R"({"iss":"login","exp":1000100,"sub":"ada"})",
                                         "another secret of more than 32 bytes!!");
    for (const auto& token : {foreign, good + "x", std::string(), std::string("a b"), std::string("a.b.c"),
                              token_of(R"({"iss":"other","exp":1000100,"sub":"ada"})")}) {
        const auto answer = who_is("Authorization: Bearer " + token + "\r\n");
        EXPECT_EQ(status_of(answer), 401) << token;
        EXPECT_NE(body_of(answer).find(R"("code":"token_invalid")"), std::string_view::npos) << token;
        EXPECT_NE(header_of(answer, "WWW-Authenticate").find(R"(error="invalid_token")"), std::string::npos);
    }
}

TEST_F(BearerTest, TwoAuthorizationFieldsAreNeverChosenFrom) {
    const auto field =
        "Authorization: Bearer " + token_of(R"({"iss":"login","exp":1000100,"sub":"ada"})") + "\r\n";
    EXPECT_EQ(status_of(who_is(field)), 200);
    EXPECT_EQ(status_of(who_is(field + field)), 401);
}

TEST_F(BearerTest, ClaimsThatDoNotFitTheStructAreInvalidAndNamed) {
    const auto answer = with_token(R"({"iss":"login","exp":1000100,"sub":7})");
    EXPECT_EQ(status_of(answer), 401);
    EXPECT_NE(body_of(answer).find("sub: must be"), std::string_view::npos);
    EXPECT_NE(body_of(answer).find(R"("code":"token_invalid")"), std::string_view::npos);
}

TEST_F(BearerTest, EveryScopeIsNeeded) {
    const auto all = R"({"iss":"login","exp":1000100,"sub":"ada","scope":"notes:write other notes:read"})";
    const auto one = R"({"iss":"login","exp":1000100,"sub":"ada","scope":"notes:read"})";
    EXPECT_EQ(status_of(post_note(all, R"({"text":"hello"})")), 200);
    const auto answer = post_note(one, R"({"text":"hello"})");
    EXPECT_EQ(status_of(answer), 403);
    EXPECT_NE(body_of(answer).find(R"("code":"insufficient_scope")"), std::string_view::npos);
    EXPECT_NE(header_of(answer, "WWW-Authenticate").find(R"(error="insufficient_scope")"), std::string::npos);
    EXPECT_NE(header_of(answer, "WWW-Authenticate").find(R"(scope="notes:read notes:write")"),
              std::string::npos);
}

TEST_F(BearerTest, ATokenBeforeABodyIsJudgedFirst) {
    EXPECT_EQ(status_of(post_note(R"({"iss":"login","exp":1,"sub":"ada"})", "no JSON")), 401);
}

TEST(BearerSchema, NamesTheSchemeOnce) {
    json::SchemaSet components;
    OperationSchema operation(components);
    Provide<Bearer<Account>>::describe(operation);
    Provide<Bearer<Note, "a">>::describe(operation);
    EXPECT_EQ(operation.security, std::vector<std::string>{"bearer"});
}

TEST(TokenVerifier, RefusesKeysThatCannotBeToldApart) {
    const auto key = jwt::Key::hs256(secret, "one");
    EXPECT_THROW(TokenVerifier({}), std::invalid_argument);
    EXPECT_THROW(TokenVerifier({key, key}), std::invalid_argument);
    EXPECT_NO_THROW(TokenVerifier({key, jwt::Key::hs256(secret, "two")}));
}

TEST(TokenVerifier, RefusesARealmThatBreaksItsQuotes) {
    EXPECT_THROW(TokenVerifier({jwt::Key::hs256(secret)}, {}, "a\"b"), std::invalid_argument);
    EXPECT_THROW(TokenVerifier({jwt::Key::hs256(secret)}, {}, "a\r\nb"), std::invalid_argument);
}

}  // namespace
}  // namespace brio::http
