#include <brio/http/request_id.hpp>
#include <brio/http/token.hpp>

namespace brio::http {

bool is_valid_request_id(std::string_view id) noexcept { return id.size() <= request_id_max && is_token(id); }

std::array<char, generated_request_id_size> generate_request_id(std::uint64_t high,
                                                                std::uint64_t low) noexcept {
    constexpr std::string_view digits = "0123456789abcdef";
    std::array<char, generated_request_id_size> id;
    for (std::size_t i = 0; i < 16; ++i) {
        const auto shift = 60 - 4 * i;
        id[i] = digits[(high >> shift) & 15U];
        id[16 + i] = digits[(low >> shift) & 15U];
    }
    return id;
}

}  // namespace brio::http
