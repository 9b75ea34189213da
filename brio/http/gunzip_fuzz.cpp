// Bodies as anybody may send them: what is taken for whole is what another decoder reads, no bound is passed,
// and what was compressed here comes back.
#include <brio/http/compressor.hpp>
#include <brio/http/gunzip.hpp>

#include <libdeflate.h>

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace brio;

void check(bool holds) {
    if (!holds) {
        std::abort();
    }
}

constexpr std::uint64_t most = 1 << 20;

// Member by member; false when one is none.
bool read_by_another(std::string_view coded, std::string& out) {
    static auto* const decompressor = libdeflate_alloc_decompressor();
    while (!coded.empty()) {
        std::string member(most + 1, '\0');
        std::size_t in = 0;
        std::size_t size = 0;
        if (libdeflate_gzip_decompress_ex(decompressor, coded.data(), coded.size(), member.data(),
                                          member.size(), &in, &size) != LIBDEFLATE_SUCCESS) {
            return false;
        }
        out.append(member, 0, size);
        coded.remove_prefix(in);
    }
    return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    Buffer out;
    auto const result = http::gunzip(out, text, {.size = most, .ratio = most});
    check(out.size() <= most + 1);
    if (result == http::Gunzipped::whole) {
        std::string same;
        check(size != 0 && read_by_another(text, same) && same == out.view());
    }
    Buffer coded;
    http::compress_now(coded, text, http::Coding::gzip,
                       size % 2 == 0 ? http::Effort::quick : http::Effort::usual);
    out.clear();
    check(http::gunzip(out, coded.view(), {.size = size}) != http::Gunzipped::corrupt);
    check(out.view().substr(0, size) == text.substr(0, out.size()));
    return 0;
}
