// X-Request-ID: taken over from the client when it is harmless to log and to send back, else made here.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace brio::http {

inline constexpr std::size_t request_id_max = 128;
inline constexpr std::size_t generated_request_id_size = 32;

/// 1 to 128 token characters (RFC 9110 §5.6.2).
bool is_valid_request_id(std::string_view id) noexcept;
/// 32 lower-case hex digits of the two random numbers.
std::array<char, generated_request_id_size> generate_request_id(std::uint64_t high,
                                                                std::uint64_t low) noexcept;

}  // namespace brio::http
