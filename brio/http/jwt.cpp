#include <brio/http/jwt.hpp>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>
#include <utility>

#include <brio/base/text.hpp>
#include <brio/http/jwt_base64url.hpp>
#include <brio/json/raw.hpp>
#include <brio/json/read.hpp>
#include <brio/json/write.hpp>

namespace brio::http::jwt {
namespace {

constexpr std::size_t least_secret_bytes = 32;
constexpr std::size_t hmac_bytes = 32;
constexpr int least_rsa_bits = 2048;
constexpr int most_rsa_bits = 8192;  // beyond, one token costs milliseconds

template <auto Free>
struct Freer {
    template <class T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};
template <class T, auto Free>
using Owned = std::unique_ptr<T, Freer<Free>>;

using Mac = Owned<EVP_MAC, EVP_MAC_free>;
using MacContext = Owned<EVP_MAC_CTX, EVP_MAC_CTX_free>;
using PublicKey = Owned<EVP_PKEY, EVP_PKEY_free>;
using DigestContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using Bio = Owned<BIO, BIO_free>;

void require_openssl(bool worked, const char* what) {
    if (!worked) {
        throw std::runtime_error(concat({"OpenSSL could not ", what}));
    }
}

// A context that has taken in the secret: copies of it skip the key schedule and the look-up of the
// algorithm.
MacContext keyed_hmac(std::string_view secret) {
    if (secret.size() < least_secret_bytes) {
        throw std::invalid_argument("an HS256 secret must have at least 32 bytes (RFC 7518 §3.2)");
    }
    const Mac mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
    MacContext context(mac ? EVP_MAC_CTX_new(mac.get()) : nullptr);
    char digest[] = "SHA256";
    const std::array<OSSL_PARAM, 2> parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end()};
    require_openssl(
        context && EVP_MAC_init(context.get(), reinterpret_cast<const unsigned char*>(secret.data()),
                                secret.size(), parameters.data()) == 1,
        "start HMAC-SHA256");
    return context;
}

std::array<unsigned char, hmac_bytes> hmac(const EVP_MAC_CTX* keyed, std::string_view bytes) {
    const MacContext context(EVP_MAC_CTX_dup(keyed));
    std::array<unsigned char, hmac_bytes> out;
    std::size_t size = 0;
    require_openssl(context &&
                        EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(bytes.data()),
                                       bytes.size()) == 1 &&
                        EVP_MAC_final(context.get(), out.data(), &size, out.size()) == 1 &&
                        size == out.size(),
                    "compute an HMAC-SHA256");
    return out;
}

bool rsa_verifies(EVP_PKEY* key, std::string_view bytes, std::string_view signature) {
    const DigestContext context(EVP_MD_CTX_new());
    require_openssl(context && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1,
                    "start an RSA verification");
    ERR_set_mark();  // TLS on this thread reads the queue of errors
    const int verdict = EVP_DigestVerify(
        context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
        reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    ERR_pop_to_mark();
    return verdict == 1;
}

struct Header {
    static constexpr bool open_object = true;
    std::string alg;
    std::optional<std::string> kid;
    std::optional<json::Raw> crit;
};

// The three parts, still encoded.
struct Parts {
    std::string_view header;
    std::string_view payload;
    std::string_view signature;
    std::string_view signed_bytes;
};

std::optional<Parts> split(std::string_view token) {
    const auto first = token.find('.');
    const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
    if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
        return std::nullopt;
    }
    return Parts{.header = token.substr(0, first),
                 .payload = token.substr(first + 1, second - first - 1),
                 .signature = token.substr(second + 1),
                 .signed_bytes = token.substr(0, second)};
}

std::optional<Header> read_header(std::string_view encoded) {
    const auto text = decode_base64url(encoded);
    if (!text) {
        return std::nullopt;
    }
    auto header = json::read<Header>(*text);
    if (!header || header->crit) {  // no extension is understood here (RFC 7515 §4.1.11)
        return std::nullopt;
    }
    return std::move(*header);
}

const Key* find_key(std::span<const Key> keys, const std::optional<std::string>& id) {
    if (!id && keys.size() == 1) {
        return keys.data();
    }
    const auto named = [&](std::string_view wanted) {
        const auto found = std::ranges::find(keys, wanted, &Key::id);
        return found == keys.end() ? nullptr : &*found;
    };
    const Key* const of_id = id ? named(*id) : nullptr;
    return of_id != nullptr ? of_id : named("");
}

std::string_view name_of(Algorithm algorithm) noexcept {
    return algorithm == Algorithm::hs256 ? "HS256" : "RS256";
}

}  // namespace

struct Key::Material {
    MacContext hmac;
    PublicKey rsa;
};

std::string_view words_of(Fault fault) noexcept {
    switch (fault) {
        case Fault::too_long: return "the token is too long";
        case Fault::malformed: return "the token is malformed";
        case Fault::unknown_key: return "the token names a key that is not trusted";
        case Fault::algorithm: return "the token is not signed with the algorithm of its key";
        case Fault::signature: return "the signature of the token is wrong";
        case Fault::claims: return "a claim of the token is missing or has the wrong type";
        case Fault::expired: return "the token has expired";
        case Fault::not_yet_valid: return "the token is not valid yet";
        case Fault::issuer: return "the token is from another issuer";
        case Fault::audience: return "the token is for another audience";
    }
    return "the token is not valid";
}

Key Key::hs256(std::string_view secret, std::string id) {
    auto material = std::make_shared<Material>();
    material->hmac = keyed_hmac(secret);
    return {Algorithm::hs256, std::move(id), std::move(material)};
}

Key Key::rs256(std::string_view public_key_pem, std::string id) {
    const Bio bio(BIO_new_mem_buf(public_key_pem.data(), static_cast<int>(public_key_pem.size())));
    auto material = std::make_shared<Material>();
    ERR_set_mark();
    material->rsa.reset(bio ? PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr) : nullptr);
    ERR_pop_to_mark();
    EVP_PKEY* const key = material->rsa.get();
    if (key == nullptr || EVP_PKEY_is_a(key, "RSA") != 1) {
        throw std::invalid_argument(
            "an RS256 key must be an RSA public key in PEM: -----BEGIN PUBLIC KEY-----");
    }
    if (EVP_PKEY_get_bits(key) < least_rsa_bits || EVP_PKEY_get_bits(key) > most_rsa_bits) {
        throw std::invalid_argument("an RS256 key must have 2048 to 8192 bits (RFC 7518 §3.3)");
    }
    return {Algorithm::rs256, std::move(id), std::move(material)};
}

bool Key::verifies(std::string_view signed_bytes, std::string_view signature) const {
    if (algorithm_ == Algorithm::rs256) {
        return rsa_verifies(material_->rsa.get(), signed_bytes, signature);
    }
    const auto expected = hmac(material_->hmac.get(), signed_bytes);
    return signature.size() == expected.size() &&
           CRYPTO_memcmp(signature.data(), expected.data(), expected.size()) == 0;
}

std::expected<std::string, Fault> verify_signature(std::string_view token, std::span<const Key> keys,
                                                   std::size_t most_bytes) {
    if (token.size() > most_bytes) {
        return std::unexpected(Fault::too_long);
    }
    const auto parts = split(token);
    const auto header = parts ? read_header(parts->header) : std::nullopt;
    if (!header) {
        return std::unexpected(Fault::malformed);
    }
    const Key* const key = find_key(keys, header->kid);
    if (key == nullptr) {
        return std::unexpected(Fault::unknown_key);
    }
    if (header->alg != name_of(key->algorithm())) {
        return std::unexpected(Fault::algorithm);
    }
    const auto signature = decode_base64url(parts->signature);
    auto payload = decode_base64url(parts->payload);
    if (!signature || !payload) {
        return std::unexpected(Fault::malformed);
    }
    if (!key->verifies(parts->signed_bytes, *signature)) {
        return std::unexpected(Fault::signature);
    }
    return std::move(*payload);
}

std::string sign_hs256(std::string_view payload, std::string_view secret, std::string_view key_id) {
    Buffer header;
    header.append(R"({"alg":"HS256","typ":"JWT")");
    if (!key_id.empty()) {
        header.append(R"(,"kid":)");
        json::write_string(header, key_id);
    }
    header.push_back('}');
    auto token = concat({encode_base64url(header.view()), ".", encode_base64url(payload)});
    const auto signature = hmac(keyed_hmac(secret).get(), token);
    token.push_back('.');
    token += encode_base64url({reinterpret_cast<const char*>(signature.data()), signature.size()});
    return token;
}

}  // namespace brio::http::jwt
