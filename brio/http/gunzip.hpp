// Bodies that come in gzip (RFC 1952), within bounds: what is small on the wire may be endless.
#pragma once
#include <cstdint>
#include <string_view>

#include <brio/base/buffer.hpp>

namespace brio::http {

struct GunzipLimits {
    std::uint64_t size = 1024 * 1024;  // bytes that come out
    std::uint64_t ratio = 100;         // bytes out for each byte in, once more than `ratio_from` are out
    std::uint64_t ratio_from = 64 * 1024;
};

enum class Gunzipped : std::uint8_t {
    whole,
    too_large,  // it goes on behind one of the limits
    corrupt,    // it is no gzip, ends early, or other bytes follow it
};

/// Appends what `coded` holds, one member after another. Never makes more than `limits.size` and 64 kB; of
/// what is not whole, `out` has a part. 1 MiB takes about a millisecond. Throws std::bad_alloc.
Gunzipped gunzip(Buffer& out, std::string_view coded, const GunzipLimits& limits);

}  // namespace brio::http
