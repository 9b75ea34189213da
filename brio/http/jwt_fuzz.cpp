// Tokens and their claims, as anybody may send them: nothing that was not signed is believed, one value has
// one spelling, and a claim that is judged good stays so under the looser rule.
#include <brio/http/jwt.hpp>
#include <brio/http/jwt_base64url.hpp>
#include <brio/http/jwt_claims.hpp>

#include <array>
#include <cstdint>
#include <cstdlib>

namespace {

using namespace brio::http::jwt;

void check(bool holds) {
    if (!holds) {
        std::abort();
    }
}

constexpr std::string_view secret = "a secret of more than thirty-two bytes";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::array keys{Key::hs256(secret, "a"),
                                 Key::hs256("another secret of more than 32 bytes!!")};
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto bytes = decode_base64url(text)) {
        check(encode_base64url(*bytes) == text);
    }
    check(decode_base64url(encode_base64url(text)) == text);
    if (const auto payload = verify_signature(text, keys)) {
        check(!text.ends_with(".") && payload->size() < text.size());
    }
    if (size * 2 < most_token_bytes) {
        check(verify_signature(sign_hs256(text, secret, "a"), keys) == text);
    }
    constexpr std::chrono::seconds now{1'000'000};
    const auto strict = check_claims(text, {.leeway = std::chrono::seconds(0)}, now);
    const auto loose = check_claims(text, {.needs_expiry = false}, now);
    check(!strict || loose);
    return 0;
}
