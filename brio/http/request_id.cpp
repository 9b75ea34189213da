#include <brio/http/request_id.hpp>
#include <brio/http/token.hpp>

#include <cstring>

namespace brio::http {

bool is_valid_request_id(std::string_view id) noexcept { return id.size() <= request_id_max && is_token(id); }

namespace {

// Two digits for each byte.
constexpr std::array<std::array<char, 2>, 256> hex_pairs = [] {
    constexpr std::string_view digits = "0123456789abcdef";
    std::array<std::array<char, 2>, 256> pairs{};
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        pairs[i] = {digits[i >> 4U], digits[i & 15U]};
    }
    return pairs;
}();

}  // namespace

std::array<char, generated_request_id_size> generate_request_id(std::uint64_t high,
                                                                std::uint64_t low) noexcept {
    std::array<char, generated_request_id_size> id;
    for (std::size_t i = 0; i < 8; ++i) {
        const auto shift = 56 - 8 * i;
        std::memcpy(&id[2 * i], hex_pairs[(high >> shift) & 255U].data(), 2);
        std::memcpy(&id[16 + 2 * i], hex_pairs[(low >> shift) & 255U].data(), 2);
    }
    return id;
}

}  // namespace brio::http
