// Content negotiation by quality values (RFC 9110 §12.4.2, §12.5.1, §12.5.3).
// Qualities are thousandths, 0 to
// 1000; 0 means "not acceptable". Elements with a malformed quality count as not acceptable.
#pragma once
#include <cstdint>
#include <string_view>

namespace brio::http {

struct EncodingQualities {
    std::uint16_t gzip = 0;
    std::uint16_t br = 0;
    std::uint16_t zstd = 0;
    std::uint16_t identity = 1000;

    friend bool operator==(const EncodingQualities&, const EncodingQualities&) = default;
};

/// Of one Accept-Encoding value (lines joined by commas); "" is a client that takes identity only, like an
/// absent field. "x-gzip" is gzip; "*" speaks for what is not named; a coding named twice has the lower
/// quality. Identity, when nothing speaks for it, is as welcome as the least welcome coding that is named:
/// "gzip;q=0.5" asks for gzip.
EncodingQualities accept_encoding(std::string_view field) noexcept;

/// How welcome `type`/`subtype` is: the quality of the most specific range that covers it; media type
/// parameters are ignored. An empty field (absent) accepts everything: 1000.
std::uint16_t accept_quality(std::string_view field, std::string_view type,
                             std::string_view subtype) noexcept;

}  // namespace brio::http
