#include <bench/raw/page_query.hpp>

#include <algorithm>
#include <charconv>

namespace bench {
namespace {

constexpr std::int64_t deepest_offset = 100'000;
constexpr std::int64_t largest_page = 100;

}  // namespace

std::optional<PageQuery> parse_page_query(std::string_view query) {
    PageQuery result;
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (pair == "total=none") {
            result.with_total = false;
            continue;
        }
        std::int64_t* target = nullptr;
        std::string_view text;
        if (pair.starts_with("page=")) {
            target = &result.page;
            text = pair.substr(5);
        } else if (pair.starts_with("page_size=")) {
            target = &result.page_size;
            text = pair.substr(10);
        }
        if (target == nullptr || text.empty() || text.size() > 9 ||
            std::from_chars(text.data(), text.data() + text.size(), *target).ptr !=
                text.data() + text.size() ||
            *target < 1) {
            return std::nullopt;
        }
    }
    result.page_size = std::min(result.page_size, largest_page);
    if (result.offset() > deepest_offset) {
        return std::nullopt;
    }
    return result;
}

}  // namespace bench
