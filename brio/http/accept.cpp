#include <brio/http/accept.hpp>
#include <brio/http/token.hpp>

#include <algorithm>
#include <optional>

namespace brio::http {

namespace {

/// qvalue: "0" [ "." 0*3DIGIT ] or "1" [ "." 0*3"0" ]; 0 for anything else.
std::uint16_t read_quality(std::string_view text) noexcept {
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1') ||
        (text.size() > 1 && text[1] != '.')) {
        return 0;
    }
    unsigned value = text[0] == '1' ? 1000 : 0;
    unsigned weight = 100;
    for (const char c : text.substr(std::min<std::size_t>(2, text.size()))) {
        if (c < '0' || c > '9') {
            return 0;
        }
        value += static_cast<unsigned>(c - '0') * weight;
        weight /= 10;
    }
    return value > 1000 ? std::uint16_t{0} : static_cast<std::uint16_t>(value);
}

/// The q among parameters, 1000 when there is none.
std::uint16_t quality_of(std::string_view parameters) noexcept {
    while (!parameters.empty()) {
        const auto parameter = next_part(parameters, ';');
        const auto equals = parameter.find('=');
        if (equals != std::string_view::npos && equals_ignoring_case(parameter.substr(0, equals), "q")) {
            return read_quality(parameter.substr(equals + 1));
        }
    }
    return 1000;
}

struct Element {
    std::string_view name;
    std::uint16_t quality;
};

std::optional<Element> next_element(std::string_view& rest) noexcept {
    while (!rest.empty()) {
        auto element = next_part(rest, ',');
        const auto name = next_part(element, ';');
        if (!name.empty()) {
            return Element{name, quality_of(element)};
        }
    }
    return std::nullopt;
}

bool is_gzip(std::string_view name) noexcept {
    return equals_ignoring_case(name, "gzip") || equals_ignoring_case(name, "x-gzip");
}

/// How closely `range` describes type/subtype: 3 exactly, 2 by type, 1 as */*, 0 not at all.
int closeness(std::string_view range, std::string_view type, std::string_view subtype) noexcept {
    if (range == "*/*") {
        return 1;
    }
    const auto slash = range.find('/');
    if (slash == std::string_view::npos || !equals_ignoring_case(range.substr(0, slash), type)) {
        return 0;
    }
    const auto rest = range.substr(slash + 1);
    return rest == "*" ? 2 : equals_ignoring_case(rest, subtype) ? 3 : 0;
}

}  // namespace

EncodingQualities accept_encoding(std::string_view field) noexcept {
    std::optional<std::uint16_t> gzip, br, zstd, identity, others;
    const auto lower_to = [](std::optional<std::uint16_t>& slot, std::uint16_t quality) {
        slot = std::min(slot.value_or(1000), quality);
    };
    while (const auto element = next_element(field)) {
        const auto [name, quality] = *element;
        if (is_gzip(name)) {
            lower_to(gzip, quality);
        } else if (equals_ignoring_case(name, "br")) {
            lower_to(br, quality);
        } else if (equals_ignoring_case(name, "zstd")) {
            lower_to(zstd, quality);
        } else if (equals_ignoring_case(name, "identity")) {
            lower_to(identity, quality);
        } else if (name == "*") {
            lower_to(others, quality);
        }
    }
    const auto unnamed = others.value_or(0);
    std::uint16_t least = 1000;  // of the codings that the client names because it wants them
    for (const auto& named : {gzip, br, zstd}) {
        least = named.value_or(0) != 0 ? std::min(least, *named) : least;
    }
    return {
        .gzip = gzip.value_or(unnamed),
        .br = br.value_or(unnamed),
        .zstd = zstd.value_or(unnamed),
        .identity = identity.value_or(others.value_or(least)),
    };
}

std::uint16_t accept_quality(std::string_view field, std::string_view type,
                             std::string_view subtype) noexcept {
    if (trim(field).empty()) {
        return 1000;
    }
    int closest = 0;
    std::uint16_t quality = 0;
    while (const auto element = next_element(field)) {
        const auto close = closeness(element->name, type, subtype);
        if (close > closest || (close == closest && close != 0 && element->quality > quality)) {
            closest = close;
            quality = element->quality;
        }
    }
    return quality;
}

}  // namespace brio::http
