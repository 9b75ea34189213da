// What somebody who looks at `brio top` has chosen, and what keys make of it. Pure.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brio::tool {

enum class Page : std::uint8_t { overview, goals, routes, queries, tasks, resources, instances, log };
inline constexpr std::array<std::string_view, 8> page_names{"overview", "goals",     "routes",    "queries",
                                                            "tasks",    "resources", "instances", "log"};
std::optional<Page> page_named(std::string_view name) noexcept;
/// By what a page's rows can be ordered, the first by itself; none: there is one order only.
std::vector<std::string_view> orders_of(Page page);

struct Choice {
    static constexpr std::size_t most_filter = 60;  // bytes

    Page page = Page::overview;
    std::array<std::uint8_t, page_names.size()> orders{};  // of each page
    bool is_reversed = false;
    std::string filter;  // rows that have it, whatever the case; empty: all
    bool is_typing = false;
    bool is_paused = false;
    bool shows_help = false;
    std::size_t scrolled = 0;  // lines
    std::size_t process = 0;   // from 1 on; 0: all

    std::string_view order() const;
};

struct Key {
    enum class Kind : std::uint8_t {
        text,  // one character
        enter,
        escape,
        backspace,
        tab,
        back_tab,
        up,
        down,
        left,
        right,
        page_up,
        page_down,
        home,
        end,
    };
    Kind kind = Kind::text;
    std::string text;

    bool operator==(const Key&) const = default;
};

/// Keys from the bytes that a terminal sends for them (xterm, VT100). One that is not whole yet waits for the
/// rest.
class KeyReader {
public:
    std::vector<Key> read(std::string_view bytes);
    /// Nothing more came for a moment: an escape that waits for more is the key of that name.
    std::vector<Key> settle();
    bool is_waiting() const noexcept { return !pending_.empty(); }

private:
    std::string pending_;
};

struct Bounds {
    std::size_t processes = 1;
    std::size_t most_scrolled = 0;
    std::size_t lines = 10;  // of a page
};
enum class Act : std::uint8_t {
    draw,
    refresh,  // and ask at once
    quit,
};
Act press(Choice& choice, const Key& key, const Bounds& bounds);

}  // namespace brio::tool
