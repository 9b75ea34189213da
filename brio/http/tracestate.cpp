#include <brio/http/tracestate.hpp>

#include <algorithm>

namespace brio::http {

bool is_tracestate(std::string_view text) noexcept {
    constexpr std::size_t most = 512;
    return text.size() <= most && std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace brio::http
