#include <brio/http/etag.hpp>
#include <brio/http/token.hpp>

#include <optional>

#include <xxhash.h>

namespace brio::http {

namespace {

bool is_weak(std::string_view tag) noexcept { return tag.starts_with("W/"); }

/// The text between the quotes; nothing for what is no tag. The opaque part may be empty.
std::optional<std::string_view> opaque(std::string_view tag) noexcept {
    if (is_weak(tag)) {
        tag.remove_prefix(2);
    }
    if (tag.size() < 2 || tag.front() != '"' || tag.back() != '"') {
        return std::nullopt;
    }
    tag = tag.substr(1, tag.size() - 2);
    for (const char c : tag) {
        if (c == '"' || c == ' ' || c == '\t' || !has_class(c, value_char)) {
            return std::nullopt;
        }
    }
    return tag;
}

std::string_view strip_variant(std::string_view text) noexcept {
    for (const std::string_view suffix : {"-gz", "-br", "-zst"}) {
        if (text.size() > suffix.size() && text.ends_with(suffix)) {
            return text.substr(0, text.size() - suffix.size());
        }
    }
    return text;
}

/// Cuts the next tag off a list; commas may stand inside of quotes. Nothing at its end and where it is
/// malformed.
std::optional<std::string_view> next_tag(std::string_view& rest) noexcept {
    const auto from = rest.find_first_not_of(" \t,");
    if (from == std::string_view::npos) {
        return std::nullopt;
    }
    const auto open = rest.find('"', from);
    const auto close = open == std::string_view::npos ? open : rest.find('"', open + 1);
    if (close == std::string_view::npos) {
        return std::nullopt;
    }
    const auto tag = rest.substr(from, close + 1 - from);
    rest.remove_prefix(close + 1);
    const auto after = rest.find_first_not_of(" \t");
    if (!is_valid_etag(tag) || (after != std::string_view::npos && rest[after] != ',')) {
        return std::nullopt;
    }
    return tag;
}

}  // namespace

std::string entity_tag(std::string_view body) {
    auto const hash = XXH3_64bits(body.data(), body.size());
    std::string tag(18, '"');
    for (std::size_t i = 0; i < 16; ++i) {
        tag[i + 1] = "0123456789abcdef"[hash >> (60 - 4 * i) & 15U];
    }
    return tag;
}

bool is_valid_etag(std::string_view tag) noexcept { return opaque(tag).has_value(); }

bool strong_match(std::string_view a, std::string_view b) noexcept {
    return !is_weak(a) && !is_weak(b) && weak_match(a, b);
}

bool weak_match(std::string_view a, std::string_view b) noexcept {
    const auto first = opaque(a);
    return first && first == opaque(b);
}

std::string_view without_variant(std::string_view tag) noexcept {
    return strip_variant(opaque(tag).value_or(std::string_view{}));
}

bool none_match_fails(std::string_view field, std::string_view current) noexcept {
    if (trim(field) == "*") {
        return !current.empty();
    }
    while (const auto tag = next_tag(field)) {
        if (weak_match(*tag, current)) {
            return true;
        }
    }
    return false;
}

bool if_match_holds(std::string_view field, std::string_view current) noexcept {
    if (trim(field) == "*") {
        return !current.empty();
    }
    const auto wanted = opaque(current);
    while (const auto tag = next_tag(field)) {
        if (wanted && !is_weak(*tag) && without_variant(*tag) == strip_variant(*wanted)) {
            return true;
        }
    }
    return false;
}

}  // namespace brio::http
