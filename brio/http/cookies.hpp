// Reads the Cookie field (RFC 6265 §4.2.1, §5.4).
// Pairs that are no name=value are skipped; values are taken
// as they are, without the pair of double quotes that may stand around them. Nothing is decoded, nothing
// allocated.
#pragma once
#include <optional>
#include <string_view>

namespace brio::http {

struct CookiePair {
    std::string_view name;
    std::string_view value;
};

class CookieReader {
public:
    explicit CookieReader(std::string_view field) noexcept : rest_(field) {}
    std::optional<CookiePair> next() noexcept;

private:
    std::string_view rest_;
};

/// The first cookie of that name (case-sensitive): browsers send the one with the most specific path first.
std::optional<std::string_view> find_cookie(std::string_view field, std::string_view name) noexcept;

}  // namespace brio::http
