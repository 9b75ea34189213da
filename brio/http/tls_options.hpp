// What a server's TLS is made of.
#pragma once
#include <cstdint>
#include <string>

namespace brio::http {

enum class TlsVersion : std::uint8_t { v1_2, v1_3 };

struct TlsOptions {
    std::string certificate;  // a PEM file: the server's own first, then those that lead to an authority
    std::string key;          // a PEM file without a passphrase; empty: it stands in the certificate's file
    TlsVersion least = TlsVersion::v1_2;
    std::string client_authorities;  // a PEM file: clients need a certificate of one of them; empty: none
};

}  // namespace brio::http
