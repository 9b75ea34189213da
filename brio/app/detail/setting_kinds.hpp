// The kinds of settings: what each may be, and how its text becomes a value and back. For setting_table.cpp,
// which has the settings themselves.
//
// `at(settings)` gives a reference to the value.
#pragma once
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <brio/app/detail/setting_table.hpp>
#include <brio/base/text.hpp>

namespace brio::app::detail {

template <class Number>
bool read_number(std::string_view text, Number& value, Number least, Number most) {
    Number parsed{};
    auto const [end, failed] = std::from_chars(text.data(), text.data() + text.size(), parsed);
    if (failed != std::errc() || end != text.data() + text.size() || parsed < least || parsed > most) {
        return false;
    }
    value = parsed;
    return true;
}

struct Range {
    std::uint64_t least = 0;
    std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
};

template <class At>
Setting number(std::string name, std::string help, Range range, At at) {
    using Value = std::remove_reference_t<std::invoke_result_t<At, Settings&>>;
    auto may_be =
        concat({"a whole number from ", integer_text(range.least), " to ", integer_text(range.most)});
    return {
        .name = std::move(name),
        .help = std::move(help),
        .may_be = std::move(may_be),
        .read =
            [range, at](Settings& settings, std::string_view text) {
                return read_number<Value>(text, at(settings), static_cast<Value>(range.least),
                                          static_cast<Value>(range.most));
            },
        .text = [at](const Settings& settings) { return integer_text(at(const_cast<Settings&>(settings))); }};
}

template <class At>
Setting milliseconds(std::string name, std::string help, Range range, At at) {
    auto may_be = concat({"milliseconds from ", integer_text(range.least), " to ", integer_text(range.most)});
    return {.name = std::move(name),
            .help = std::move(help),
            .may_be = std::move(may_be),
            .read =
                [range, at](Settings& settings, std::string_view text) {
                    std::uint64_t ms = 0;
                    if (!read_number(text, ms, range.least, range.most)) {
                        return false;
                    }
                    at(settings) = std::chrono::milliseconds(ms);
                    return true;
                },
            .text =
                [at](const Settings& settings) {
                    auto const value = at(const_cast<Settings&>(settings));
                    return integer_text(std::chrono::duration_cast<std::chrono::milliseconds>(value).count());
                }};
}

template <class At>
Setting seconds(std::string name, std::string help, Range range, At at) {
    auto may_be = concat({"seconds from ", integer_text(range.least), " to ", integer_text(range.most)});
    return {.name = std::move(name),
            .help = std::move(help),
            .may_be = std::move(may_be),
            .read =
                [range, at](Settings& settings, std::string_view text) {
                    std::uint64_t read = 0;
                    if (!read_number(text, read, range.least, range.most)) {
                        return false;
                    }
                    at(settings) = std::chrono::seconds(read);
                    return true;
                },
            .text =
                [at](const Settings& settings) {
                    return integer_text(at(const_cast<Settings&>(settings)).count());
                }};
}

// A time that is unset by default.
template <class At>
Setting optional_milliseconds(std::string name, std::string help, Range range, At at) {
    auto may_be = concat({"milliseconds from ", integer_text(range.least), " to ", integer_text(range.most)});
    return {.name = std::move(name),
            .help = std::move(help),
            .may_be = std::move(may_be),
            .read =
                [range, at](Settings& settings, std::string_view text) {
                    std::uint64_t ms = 0;
                    if (!read_number(text, ms, range.least, range.most)) {
                        return false;
                    }
                    at(settings) = std::chrono::milliseconds(ms);
                    return true;
                },
            .text =
                [at](const Settings& settings) {
                    auto const& value = at(const_cast<Settings&>(settings));
                    return value ? integer_text(value->count()) : std::string();
                }};
}

template <class At>
Setting words(std::string name, std::string help, std::string may_be, At at, bool secret = false) {
    return {.name = std::move(name),
            .help = std::move(help),
            .may_be = std::move(may_be),
            .read =
                [at](Settings& settings, std::string_view text) {
                    if (text.find_first_of(std::string_view("\0\r\n", 3)) != std::string_view::npos) {
                        return false;
                    }
                    at(settings) = std::string(text);
                    return true;
                },
            .text = [at](const Settings& settings) { return at(const_cast<Settings&>(settings)); },
            .secret = secret};
}

template <class Value>
struct Word {
    std::string_view word;
    Value value;
};

template <class Value, class At>
Setting choice(std::string name, std::string help, std::vector<Word<Value>> of, At at) {
    std::string may_be;
    for (auto const& each : of) {
        may_be.append(may_be.empty() ? "" : &each == &of.back() ? " or " : ", ").append(each.word);
    }
    return {.name = std::move(name),
            .help = std::move(help),
            .may_be = std::move(may_be),
            .read =
                [of, at](Settings& settings, std::string_view text) {
                    auto const found = std::ranges::find(of, text, &Word<Value>::word);
                    if (found == of.end()) {
                        return false;
                    }
                    at(settings) = found->value;
                    return true;
                },
            .text =
                [of, at](const Settings& settings) {
                    auto const value = at(const_cast<Settings&>(settings));
                    return std::string(std::ranges::find(of, value, &Word<Value>::value)->word);
                }};
}

// "16" is both, "2..64" the least and the most.
template <class Least, class Most>
Setting span(std::string name, std::string help, Range range, Least least, Most most) {
    auto const first = integer_text(range.least);
    auto const last = integer_text(range.most);
    return {
        .name = std::move(name),
        .help = std::move(help),
        .may_be = concat({"a whole number from ", first, " to ", last, ", or two of them, as 2..64"}),
        .read =
            [range, least, most](Settings& settings, std::string_view text) {
                auto const dots = text.find("..");
                std::uint64_t from = 0;
                std::uint64_t to = 0;
                if (!read_number(text.substr(0, dots), from, range.least, range.most) ||
                    !read_number(dots == text.npos ? text : text.substr(dots + 2), to, from, range.most)) {
                    return false;
                }
                least(settings) = static_cast<std::uint32_t>(from);
                most(settings) = static_cast<std::uint32_t>(to);
                return true;
            },
        .text =
            [least, most](const Settings& settings) {
                auto& s = const_cast<Settings&>(settings);
                auto const from = integer_text(least(s));
                return least(s) == most(s) ? from : concat({from, "..", integer_text(most(s))});
            }};
}

// Bytes, with or without a unit.
template <class At>
Setting size(std::string name, std::string help, std::uint64_t most, At at) {
    struct Unit {
        std::string_view word;
        std::uint64_t bytes;
    };
    static constexpr Unit units[] = {{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}};
    return {.name = std::move(name),
            .help = std::move(help),
            .may_be = "bytes, or a whole number of KiB, MiB or GiB, as 512MiB",
            .read =
                [at, most](Settings& settings, std::string_view text) {
                    std::uint64_t bytes = 1;
                    for (auto const& unit : units) {
                        if (text.ends_with(unit.word)) {
                            bytes = unit.bytes;
                            text.remove_suffix(unit.word.size());
                            break;
                        }
                    }
                    std::uint64_t count = 0;
                    if (!read_number<std::uint64_t>(text, count, 0, most / bytes)) {
                        return false;
                    }
                    at(settings) = count * bytes;
                    return true;
                },
            .text =
                [at](const Settings& settings) {
                    auto const bytes = at(const_cast<Settings&>(settings));
                    for (auto const& unit : units) {
                        if (bytes != 0 && bytes % unit.bytes == 0) {
                            return concat({integer_text(bytes / unit.bytes), unit.word});
                        }
                    }
                    return integer_text(bytes);
                }};
}

// Percent with decimals, kept as a share.
template <class At>
Setting share(std::string name, std::string help, At at) {
    constexpr double least = 50;
    constexpr double most = 99.999;
    return {.name = std::move(name),
            .help = std::move(help),
            .may_be = "percent from 50 to 99.999",
            .read =
                [at](Settings& settings, std::string_view text) {
                    double percent = 0;
                    auto const [end, failed] =
                        std::from_chars(text.data(), text.data() + text.size(), percent);
                    if (failed != std::errc() || end != text.data() + text.size() ||
                        !(percent >= least && percent <= most)) {
                        return false;
                    }
                    at(settings) = percent / 100;
                    return true;
                },
            .text =
                [at](const Settings& settings) {
                    char digits[32];
                    auto const rounded = std::round(at(const_cast<Settings&>(settings)) * 1e8) / 1e6;
                    return std::string(digits, std::to_chars(digits, digits + sizeof digits, rounded).ptr);
                }};
}

}  // namespace brio::app::detail
