#include <brio/http/jwt.hpp>
#include <brio/http/jwt_base64url.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace brio::http::jwt {
namespace {

constexpr std::string_view secret = "a secret of more than thirty-two bytes";
constexpr std::string_view other_secret = "another secret of more than 32 bytes!!";

// RFC 7515 A.1
constexpr std::string_view rfc_key =
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
constexpr std::string_view rfc_token =
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

// Made with `openssl genpkey` and signed with `openssl dgst -sha256 -sign`:
// {"alg":"RS256","typ":"JWT","kid":"rsa-1"}.
constexpr std::string_view rsa_public =
    "-----BEGIN PUBLIC KEY-----\n"
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAv/pJ6lHFkG5y+0xURmK+\n"
    "keXx2ZZA/NHxWOY2U+AdzW7HWBtTirYvvQ8uPGQifzzief0zEJH3nmYHPkeDjoyn\n"
    "hsZPSS4G+XmbqGVDGuZF0cLXk33At3oCs9dXkwlKGXH/SZhYD/RPvRAIQ+MEFoLR\n"
    "6DO9oVj0oT3VItGbIqEIxuYs1c6mpNGLVNjWFNwqbAZC3PdhQzjgTml5e4jWir+u\n"
    "9m1nqkZvJ28z4+noFcUUl1AXJcaNKidqOSDWI8faQIkde7WKMw/bWpTftz0B8r+B\n"
    "2jw7H30AcKPNhgV/sYKlxgPhyiECEXzNDjfhpCTFIaCNlCSjNucXvdaxd1wgHg07\n"
    "jwIDAQAB\n"
    "-----END PUBLIC KEY-----\n";
constexpr std::string_view rsa_token =
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InJzYS0xIn0.eyJzdWIiOiJhZGEiLCJleHAiOjIwMDAwMDAwMDB9"
    ".psNhulKHUQrd-VyFFe7U-q1IUP1O25FOBuoH-jfok8tFu_hwZQeOL0d9fPJOjgQHteA_oK0_i0JYsl0iOnL8Buu40XUiU2c"
    "_nAy1vMj_3RU9e3eYDD_DvWUovqxNRFZ9tb8V2IpBTd6egoygqVITQnXIsBc9vuYOGV4gx0JKA808fUpk26pa5TFOtoQjwpJ"
    "d4xuUnXW3fLGV1wSZYCnnjR11TIqqjMgf7x29SWTMz1KSjc5A6O2B-NeEOBGL3Jvp5SWTcIjUqyNTb4yzFI0o_sYuG96VF4q"
    "mG_sph6Yqs5bvVrxCF8Vn_wxeWYFt2mWGqTPzER3zDGZBuLWxiqzXww";
constexpr std::string_view rsa_public_of_1024_bits =
    "-----BEGIN PUBLIC KEY-----\n"
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDJtEACmD0hGnD/+TwmM73ftPMT\n"
    "HEgKt7cOAJOGe0hOgCwEDiRBtkx5SuHpngOXQRH6+k+r94W5TvBgePzi8Jcrhb6k\n"
    "FfhKZ+6mfguk7gosc/wlCgxh5GIiGfa67VJ7frEhpitWmdx3+mGyiGzooCEJVNUD\n"
    "kBUcp1Q3C0S1UlswQQIDAQAB\n"
    "-----END PUBLIC KEY-----\n";
constexpr std::string_view elliptic_public =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEzzj0kzZfT7LI4n55taeIwm0zggF6\n"
    "eKl5T6LmrsvV0Ymlk+gtrIdh1B/nLtVrkqUu+suvT6Zv6sAlxGXaIKSSnQ==\n"
    "-----END PUBLIC KEY-----\n";

using Result = std::expected<std::string, Fault>;

Result verify(std::string_view token, std::vector<Key> keys = {Key::hs256(secret)}) {
    return verify_signature(token, keys);
}
Result refused(Fault fault) { return std::unexpected(fault); }

TEST(Jwt, VerifiesTheHmacExampleOfTheRfc) {
    const auto payload = verify(rfc_token, {Key::hs256(*decode_base64url(rfc_key))});
    ASSERT_TRUE(payload);
    EXPECT_EQ(*payload, "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}");
}

TEST(Jwt, VerifiesAnRsaSignatureOfOpenssl) {
    EXPECT_EQ(verify(rsa_token, {Key::rs256(rsa_public, "rsa-1")}), R"({"sub":"ada","exp":2000000000})");
}

TEST(Jwt, AnRsaSignatureOfOtherBytesIsWrong) {
    auto changed = std::string(rsa_token);
    const auto payload = changed.find('.') + 1;
    changed.replace(payload, changed.rfind('.') - payload,
                    encode_base64url(R"({"sub":"eve","exp":2000000000})"));
    EXPECT_EQ(verify(changed, {Key::rs256(rsa_public)}), refused(Fault::signature));
}

TEST(Jwt, ReadsWhatItSigns) { EXPECT_EQ(verify(sign_hs256(R"({"sub":"ada"})", secret)), R"({"sub":"ada"})"); }

TEST(Jwt, AnySingleChangedBitOfTheSignatureIsSeen) {
    const auto token = sign_hs256("{}", secret);
    const auto dot = token.rfind('.');
    const auto signature = *decode_base64url(std::string_view(token).substr(dot + 1));
    for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
        auto changed = signature;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_EQ(verify(token.substr(0, dot + 1) + encode_base64url(changed)), refused(Fault::signature));
    }
}

TEST(Jwt, AShortenedSignatureIsWrong) {
    const auto token = sign_hs256("{}", secret);
    const auto signature = *decode_base64url(std::string_view(token).substr(token.rfind('.') + 1));
    const auto head = token.substr(0, token.rfind('.') + 1);
    for (std::size_t size = 0; size < signature.size(); ++size) {
        EXPECT_EQ(verify(head + encode_base64url(std::string_view(signature).substr(0, size))),
                  refused(Fault::signature));
    }
}

TEST(Jwt, AnotherSecretIsRefused) {
    EXPECT_EQ(verify(sign_hs256("{}", other_secret)), refused(Fault::signature));
}

TEST(Jwt, NoneIsNoAlgorithm) {
    for (const auto* name : {"none", "None", "NONE", "nOnE", ""}) {
        const auto header = std::string(R"({"alg":")") + name + R"("})";
        const auto unsigned_token = encode_base64url(header) + "." + encode_base64url("{}") + ".";
        EXPECT_EQ(verify(unsigned_token), refused(Fault::algorithm)) << name;
    }
}

TEST(Jwt, ThePublicKeyIsNoHmacSecret) {
    const auto forged = sign_hs256(R"({"sub":"eve"})", rsa_public, "rsa-1");
    EXPECT_EQ(verify(forged, {Key::rs256(rsa_public, "rsa-1")}), refused(Fault::algorithm));
}

TEST(Jwt, AnRsaTokenDoesNotChooseTheAlgorithmOfAnHmacKey) {
    EXPECT_EQ(verify(rsa_token, {Key::hs256(secret, "rsa-1")}), refused(Fault::algorithm));
}

TEST(Jwt, TheKeyIsTheOneThatTheTokenNames) {
    const std::vector keys{Key::hs256(secret, "old"), Key::hs256(other_secret, "new")};
    EXPECT_TRUE(verify(sign_hs256("{}", secret, "old"), keys));
    EXPECT_TRUE(verify(sign_hs256("{}", other_secret, "new"), keys));
    EXPECT_EQ(verify(sign_hs256("{}", secret, "new"), keys), refused(Fault::signature));
    EXPECT_EQ(verify(sign_hs256("{}", secret, "newest"), keys), refused(Fault::unknown_key));
    EXPECT_EQ(verify(sign_hs256("{}", secret), keys), refused(Fault::unknown_key));
}

TEST(Jwt, AKeyWithoutIdIsForTokensThatNameNoOther) {
    const std::vector keys{Key::hs256(secret), Key::hs256(other_secret, "new")};
    EXPECT_TRUE(verify(sign_hs256("{}", secret), keys));
    EXPECT_TRUE(verify(sign_hs256("{}", secret, "anything"), keys));
    EXPECT_EQ(verify(sign_hs256("{}", secret, "new"), keys), refused(Fault::signature));
}

TEST(Jwt, TheOnlyKeyIsForTokensThatNameNone) {
    EXPECT_TRUE(verify(sign_hs256("{}", secret), {Key::hs256(secret, "one")}));
}

TEST(Jwt, AKeyIdWithQuotesIsWrittenAsJson) {
    EXPECT_TRUE(verify(sign_hs256("{}", secret, R"(a"b\c)"), {Key::hs256(secret, R"(a"b\c)")}));
}

TEST(Jwt, WhatIsNotThreePartsIsMalformed) {
    const auto token = sign_hs256("{}", secret);
    for (const auto& text :
         {std::string(), std::string("."), std::string(".."), std::string("a.b.c"), token + ".", token + "=",
          " " + token, token.substr(0, token.rfind('.')), "." + token.substr(token.find('.') + 1)}) {
        EXPECT_EQ(verify(text), refused(Fault::malformed)) << text;
    }
}

TEST(Jwt, HeadersThatAreNotUnderstoodAreMalformed) {
    for (const auto* header :
         {"", "[]", "{}", R"({"alg":1})", R"({"alg":"HS256","alg":"HS256"})",
          R"({"alg":"HS256","crit":["b64"],"b64":false})", R"({"alg":"HS256","kid":7})"}) {
        EXPECT_EQ(verify(encode_base64url(header) + ".e30.e30"), refused(Fault::malformed)) << header;
    }
}

TEST(Jwt, ATokenOverTheLimitIsNotEvenSplit) {
    const auto token = sign_hs256("{}", secret);
    const std::vector keys{Key::hs256(secret)};
    EXPECT_TRUE(verify_signature(token, keys, token.size()));
    EXPECT_EQ(verify_signature(token, keys, token.size() - 1), refused(Fault::too_long));
}

TEST(JwtKey, ShortSecretsAreRefused) {
    EXPECT_NO_THROW(Key::hs256(std::string(32, 's')));
    EXPECT_THROW(Key::hs256(std::string(31, 's')), std::invalid_argument);
    EXPECT_THROW(sign_hs256("{}", std::string(31, 's')), std::invalid_argument);
}

TEST(JwtKey, WhatIsNoRsaKeyOfEnoughBitsIsRefused) {
    EXPECT_THROW(Key::rs256(rsa_public_of_1024_bits), std::invalid_argument);
    EXPECT_THROW(Key::rs256(elliptic_public), std::invalid_argument);
    EXPECT_THROW(Key::rs256("no key"), std::invalid_argument);
    EXPECT_THROW(Key::rs256(""), std::invalid_argument);
}

}  // namespace
}  // namespace brio::http::jwt
