// Test-only: what a client makes of a coded body, with decoders that are not the server's.
#pragma once
#include <brotli/decode.h>
#include <libdeflate.h>
#include <zstd.h>

#include <string>
#include <string_view>

#include <brio/http/coding.hpp>

namespace brio::http::test {

/// The first gzip member of `coded`, and how many bytes it took; "(corrupt)" when it is none.
inline std::string gunzipped(std::string_view coded, std::size_t* taken = nullptr) {
    std::string plain((5 << 20) + coded.size() * 4, '\0');
    std::size_t in = 0;
    std::size_t out = 0;
    auto* decompressor = libdeflate_alloc_decompressor();
    auto const result = libdeflate_gzip_decompress_ex(decompressor, coded.data(), coded.size(), plain.data(),
                                                      plain.size(), &in, &out);
    libdeflate_free_decompressor(decompressor);
    if (taken != nullptr) {
        *taken = in;
    }
    plain.resize(out);
    return result == LIBDEFLATE_SUCCESS ? plain : "(corrupt)";
}

inline std::string decoded(Coding coding, std::string_view coded) {
    std::string plain((5 << 20) + coded.size() * 4, '\0');
    auto size = plain.size();
    switch (coding) {
        case Coding::identity: return std::string(coded);
        case Coding::gzip: return gunzipped(coded);
        case Coding::br:
            if (BrotliDecoderDecompress(coded.size(), reinterpret_cast<const std::uint8_t*>(coded.data()),
                                        &size, reinterpret_cast<std::uint8_t*>(plain.data())) !=
                BROTLI_DECODER_RESULT_SUCCESS) {
                return "(corrupt)";
            }
            break;
        case Coding::zstd:
            size = ZSTD_decompress(plain.data(), plain.size(), coded.data(), coded.size());
            if (ZSTD_isError(size) != 0) {
                return "(corrupt)";
            }
            break;
    }
    plain.resize(size);
    return plain;
}

/// JSON of about `size` bytes that differ from item to item.
inline std::string json_of_size(std::size_t size) {
    std::string text = R"({"items":[)";
    for (unsigned i = 1; text.size() < size; ++i) {
        text.append(R"({"id":)").append(std::to_string(i * 7919U)).append(R"(,"name":"lamp"},)");
    }
    return text.append("{}]}");
}

}  // namespace brio::http::test
