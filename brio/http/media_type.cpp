#include <brio/http/media_type.hpp>
#include <brio/http/token.hpp>

namespace brio::http {

namespace {

/// Cuts a token off `rest`; empty when it begins with none.
std::string_view cut_token(std::string_view& rest) noexcept {
    std::size_t size = 0;
    while (size < rest.size() && has_class(rest[size], token_char)) {
        ++size;
    }
    const auto token = rest.substr(0, size);
    rest.remove_prefix(size);
    return token;
}

struct Value {
    std::string_view text;
    bool escaped = false;
};

/// Cuts a quoted string off `rest`, which begins with a quote; its escapes stay.
std::optional<Value> cut_quoted(std::string_view& rest) noexcept {
    bool escaped = false;
    for (std::size_t at = 1; at < rest.size(); ++at) {
        if (rest[at] == '"') {
            const Value value{rest.substr(1, at - 1), escaped};
            rest.remove_prefix(at + 1);
            return value;
        }
        if (rest[at] == '\\') {
            escaped = true;
            ++at;
        } else if (!has_class(rest[at], quoted_char)) {
            return std::nullopt;
        }
    }
    return std::nullopt;
}

std::optional<Value> cut_value(std::string_view& rest) noexcept {
    if (rest.starts_with('"')) {
        return cut_quoted(rest);
    }
    const auto token = cut_token(rest);
    return token.empty() ? std::nullopt : std::optional(Value{token});
}

/// Keeps the value in `slot`, once.
bool keep(std::string_view& slot, bool& seen, const Value& value) noexcept {
    if (seen || value.escaped) {
        return false;
    }
    seen = true;
    slot = value.text;
    return true;
}

}  // namespace

bool MediaType::is(std::string_view wanted_type, std::string_view wanted_subtype) const noexcept {
    return equals_ignoring_case(type, wanted_type) && equals_ignoring_case(subtype, wanted_subtype);
}

bool MediaType::is_json() const noexcept {
    const bool suffixed =
        subtype.size() > 5 && equals_ignoring_case(subtype.substr(subtype.size() - 5), "+json");
    return (is("application", "json") || suffixed) &&
           (charset.empty() || equals_ignoring_case(charset, "utf-8"));
}

std::optional<MediaType> parse_media_type(std::string_view text) noexcept {
    auto rest = trim(text);
    MediaType out;
    out.type = cut_token(rest);
    if (out.type.empty() || !rest.starts_with('/')) {
        return std::nullopt;
    }
    rest.remove_prefix(1);
    out.subtype = cut_token(rest);
    if (out.subtype.empty()) {
        return std::nullopt;
    }
    bool charset_seen = false;
    bool boundary_seen = false;
    for (rest = trim(rest); !rest.empty(); rest = trim(rest)) {
        if (rest.front() != ';') {
            return std::nullopt;
        }
        rest = trim(rest.substr(1));
        if (rest.empty() || rest.front() == ';') {
            continue;  // empty parameters are allowed (RFC 9110 §5.6.6)
        }
        const auto name = cut_token(rest);
        if (name.empty() || !rest.starts_with('=')) {
            return std::nullopt;
        }
        rest.remove_prefix(1);
        const auto value = cut_value(rest);
        if (!value || (equals_ignoring_case(name, "charset") && !keep(out.charset, charset_seen, *value)) ||
            (equals_ignoring_case(name, "boundary") && !keep(out.boundary, boundary_seen, *value))) {
            return std::nullopt;
        }
    }
    return out;
}

}  // namespace brio::http
