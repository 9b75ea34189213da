#include <brio/http/gunzip.hpp>

#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace brio::http {
namespace {

constexpr std::size_t step = 64 * 1024;         // of output
constexpr std::size_t most_at_once = 1U << 30;  // of input: the library counts in 32 bits

// RFC 1952 §2.3.1.2: bits of the header's flags that mean nothing yet must be zero.
bool has_unknown_flags(const inflate_state& at_member) noexcept {
    return at_member.avail_in > 3 && (at_member.next_in[3] & 0xe0) != 0;
}

}  // namespace

Gunzipped gunzip(Buffer& out, std::string_view coded, const GunzipLimits& limits) {
    thread_local auto const warm = std::make_unique_for_overwrite<inflate_state>();  // 87 kB
    auto& state = *warm;
    isal_inflate_init(&state);
    state.crc_flag = ISAL_GZIP;
    auto const size = coded.size();
    std::uint64_t made = 0;
    bool begins = true;  // a member
    while (true) {
        if (state.avail_in == 0) {
            auto const next = coded.substr(0, most_at_once);
            state.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(next.data()));
            state.avail_in = static_cast<std::uint32_t>(next.size());
            coded.remove_prefix(next.size());
        }
        if (std::exchange(begins, false) && has_unknown_flags(state)) {
            return Gunzipped::corrupt;
        }
        auto const room = static_cast<std::size_t>(std::min<std::uint64_t>(step - 1, limits.size - made) + 1);
        state.next_out = reinterpret_cast<std::uint8_t*>(out.prepare(room));
        state.avail_out = static_cast<std::uint32_t>(room);
        auto const result = isal_inflate(&state);
        made += room - state.avail_out;
        out.commit(room - state.avail_out);
        auto const taken = size - coded.size() - state.avail_in;
        if (made > limits.size || (made > limits.ratio_from && made / taken >= limits.ratio)) {
            return Gunzipped::too_large;
        }
        if (result < ISAL_DECOMP_OK) {
            return Gunzipped::corrupt;
        }
        auto const has_input = state.avail_in != 0 || !coded.empty();
        if (state.block_state == ISAL_BLOCK_FINISH) {
            if (!has_input) {
                return Gunzipped::whole;
            }
            isal_inflate_reset(&state);
            begins = true;
        } else if (!has_input && state.avail_out != 0) {
            return Gunzipped::corrupt;
        }
    }
}

}  // namespace brio::http
