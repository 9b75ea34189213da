#include <brio/base/text.hpp>

#include <cmath>

namespace brio {

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        c = ascii_lower(c);
    }
    return result;
}

std::string concat(std::initializer_list<std::string_view> parts) {
    std::size_t size = 0;
    for (const std::string_view part : parts) {
        size += part.size();
    }
    std::string result;
    result.reserve(size);
    for (const std::string_view part : parts) {
        result += part;
    }
    return result;
}

void append_number(Buffer& out, double value) {
    if (std::isnan(value)) {
        out.append("NaN");
    } else if (std::isinf(value)) {
        out.append(value > 0 ? "+Inf" : "-Inf");
    } else {
        char* to = out.prepare(32);
        out.commit(static_cast<std::size_t>(std::to_chars(to, to + 32, value).ptr - to));
    }
}

void append_milliseconds(Buffer& out, std::uint64_t nanoseconds) {
    const std::uint64_t hundredths = nanoseconds / 10'000 + (nanoseconds % 10'000 >= 5'000 ? 1 : 0);
    char* to = out.prepare(24);
    char* end = std::to_chars(to, to + 20, hundredths / 100).ptr;
    const auto rest = static_cast<unsigned>(hundredths % 100);
    *end++ = '.';
    *end++ = static_cast<char>('0' + rest / 10);
    *end++ = static_cast<char>('0' + rest % 10);
    out.commit(static_cast<std::size_t>(end - to));
}

std::string duration_text(std::chrono::nanoseconds duration) {
    struct Unit {
        double nanoseconds;
        std::string_view name;
    };
    static constexpr Unit units[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}};
    const auto ns = static_cast<double>(duration.count());
    const double size = std::abs(ns);
    for (const Unit& unit : units) {
        // what rounds to 1000 of the next smaller unit is shown as 1.00 of this one
        if (size >= 0.9995 * unit.nanoseconds) {
            const double value = ns / unit.nanoseconds;
            const double figure = std::abs(value);
            const int decimals = figure < 9.995 ? 2 : figure < 99.95 ? 1 : 0;
            char digits[40];
            const auto end =
                std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed, decimals).ptr;
            return concat({std::string_view(digits, end), unit.name});
        }
    }
    return concat({integer_text(duration.count()), "ns"});
}

namespace {

struct Sequence {
    std::size_t size;  // bytes of the character, or of the maximal wrong part
    bool valid;
};

/// The Unicode Standard, table 3-7: which second bytes are well-formed after which first.
Sequence next_sequence(std::string_view bytes) noexcept {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const unsigned char lead = at(0);
    if (lead < 0x80) {
        return {1, true};
    }
    std::size_t needed = 0;
    unsigned char least = 0x80;
    unsigned char most = 0xbf;
    if (lead >= 0xc2 && lead <= 0xdf) {
        needed = 2;
    } else if (lead >= 0xe0 && lead <= 0xef) {
        needed = 3;
        least = lead == 0xe0 ? 0xa0 : 0x80;
        most = lead == 0xed ? 0x9f : 0xbf;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
        needed = 4;
        least = lead == 0xf0 ? 0x90 : 0x80;
        most = lead == 0xf4 ? 0x8f : 0xbf;
    } else {
        return {1, false};
    }
    for (std::size_t i = 1; i < needed; ++i) {
        if (i >= bytes.size() || at(i) < least || at(i) > most) {
            return {i, false};
        }
        least = 0x80;
        most = 0xbf;
    }
    return {needed, true};
}

}  // namespace

std::string valid_utf8(std::string_view bytes) {
    std::string result;
    result.reserve(bytes.size());
    while (!bytes.empty()) {
        const Sequence next = next_sequence(bytes);
        result += next.valid ? bytes.substr(0, next.size) : std::string_view("\xef\xbf\xbd");
        bytes.remove_prefix(next.size);
    }
    return result;
}

}  // namespace brio
