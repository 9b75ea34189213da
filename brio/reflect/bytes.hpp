// Binary data as a field: base64 in JSON and query strings, a blob in the database.
#pragma once
#include <compare>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace brio {

struct Bytes {
    std::string value;

    Bytes() noexcept = default;
    explicit Bytes(std::string data) noexcept : value(std::move(data)) {}
    auto operator<=>(const Bytes&) const noexcept = default;

    /// Base64 (RFC 4648 §4) with its padding, and no bits left over. The error says what was expected.
    static std::expected<Bytes, std::string> parse(std::string_view text);

    constexpr std::size_t text_size() const noexcept { return (value.size() + 2) / 3 * 4; }
    /// Writes text_size() characters and returns the place behind them.
    char* format(char* to) const noexcept;
    std::string text() const;
};

}  // namespace brio
