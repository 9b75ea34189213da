// What a token costs a request: signature and registered claims.
#include <brio/http/jwt.hpp>
#include <brio/http/jwt_claims.hpp>

#include <benchmark/benchmark.h>

#include <array>

namespace brio::http::jwt {
namespace {

constexpr std::string_view secret = "a secret of more than thirty-two bytes";
constexpr std::string_view claims =
    R"({"iss":"https://login.example","sub":"ada","aud":"shop","exp":2000000000,"scope":"resources:read"})";

// The example of jwt_test.cpp.
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

void verify(benchmark::State& state, std::string_view token, const Key& key) {
    const std::array keys{key};
    for (auto _ : state) {
        benchmark::DoNotOptimize(verify_signature(token, keys));
    }
}

void verify_hs256(benchmark::State& state) { verify(state, sign_hs256(claims, secret), Key::hs256(secret)); }
BENCHMARK(verify_hs256);

void verify_rs256(benchmark::State& state) { verify(state, rsa_token, Key::rs256(rsa_public)); }
BENCHMARK(verify_rs256);

void check_registered_claims(benchmark::State& state) {
    const Rules rules{.issuer = "https://login.example", .audience = "shop"};
    for (auto _ : state) {
        benchmark::DoNotOptimize(check_claims(claims, rules, std::chrono::seconds(1'900'000'000)));
    }
}
BENCHMARK(check_registered_claims);

}  // namespace
}  // namespace brio::http::jwt
