// A screen of `brio top`: what everything comes to, the page that was chosen, the keys. Pure.
#pragma once
#include <cstddef>
#include <vector>

#include "top_pages.hpp"

namespace brio::tool {

struct Size {
    std::size_t columns = 80;
    std::size_t rows = 24;
};

struct Drawing {
    std::vector<Line> lines;        // exactly as many as the screen has rows
    std::size_t page_lines = 0;     // of them
    std::size_t most_scrolled = 0;  // of the page
};
Drawing draw(const TopState& state, const Choice& choice, Size size);

/// All pages one after the other, as long as they are: what `--once` prints. With `only`, that page.
std::vector<Line> draw_whole(const TopState& state, std::optional<Page> only, std::size_t columns,
                             std::string_view filter);

}  // namespace brio::tool
