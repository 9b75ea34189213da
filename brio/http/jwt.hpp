// JSON Web Tokens (RFC 7519) signed with HS256 or RS256 (RFC 7518 §3.2, §3.3): who signed these bytes.
//
// The key decides the algorithm, never the token: a token whose `alg` is not that of its key is refused, so
// `none` and a public key used as an HMAC secret get nowhere (RFC 8725 §3.1). What the payload claims is
// checked in jwt_claims.hpp.
#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace brio::http::jwt {

enum class Algorithm : std::uint8_t { hs256, rs256 };

/// Why a token was refused.
enum class Fault : std::uint8_t {
    too_long,
    malformed,    // not three parts of base64url with JSON objects, or a header with `crit`
    unknown_key,  // no key has the token's `kid`
    algorithm,    // `alg` is not that of the key
    signature,
    claims,  // a registered claim has the wrong type, or `exp` is missing
    expired,
    not_yet_valid,  // `nbf` or `iat` lies in the future
    issuer,
    audience,
};
/// A sentence for the client, printable ASCII without quotes: "the token has expired".
std::string_view words_of(Fault fault) noexcept;

/// What verifies signatures. Immutable and shared when copied; thread-safe.
class Key {
public:
    /// `id` is compared with the token's `kid`. Throws std::invalid_argument when the secret has fewer than
    /// 32 bytes (RFC 7518 §3.2).
    static Key hs256(std::string_view secret, std::string id = {});
    /// A PEM "PUBLIC KEY". Throws std::invalid_argument when it is none, or no RSA key of 2048 to 8192 bits.
    static Key rs256(std::string_view public_key_pem, std::string id = {});

    const std::string& id() const noexcept { return id_; }
    Algorithm algorithm() const noexcept { return algorithm_; }
    /// HMACs are compared in constant time. Cost: 1.6 µs for HS256, 24 µs for RS256 of 2048 bits, with the
    /// decoding of the token (jwt_bench, CPU time).
    bool verifies(std::string_view signed_bytes, std::string_view signature) const;

private:
    struct Material;
    Key(Algorithm algorithm, std::string id, std::shared_ptr<const Material> material) noexcept
        : algorithm_(algorithm),
          id_(std::move(id)),
          material_(std::move(material)) {}

    Algorithm algorithm_;
    std::string id_;
    std::shared_ptr<const Material> material_;
};

inline constexpr std::size_t most_token_bytes = 8 * 1024;

/// The payload, decoded, of a token that one of the keys signed. A token with `kid` needs the key of that id,
/// or one without an id where none has it; a token without needs the one key without an id, or the only key.
/// Requires nothing of the payload.
std::expected<std::string, Fault> verify_signature(std::string_view token, std::span<const Key> keys,
                                                   std::size_t most_bytes = most_token_bytes);

/// A token of a payload that is JSON text: for tests and for tools that hand out tokens. Throws
/// std::invalid_argument when the secret has fewer than 32 bytes.
std::string sign_hs256(std::string_view payload, std::string_view secret, std::string_view key_id = {});

}  // namespace brio::http::jwt
