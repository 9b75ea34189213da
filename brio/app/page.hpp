// The small handwritten pages: one column, readable in light and dark, no script, nothing from elsewhere.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace brio::app {

struct PageLink {
    std::string href;
    std::string label;
    std::string words;  // what is found there
};

struct Page {
    std::string title;
    std::string introduction;
    std::vector<PageLink> links;
};

/// A complete HTML document; every text is escaped.
std::string write_page(const Page& page);

}  // namespace brio::app
