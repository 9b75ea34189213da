// The query string of the page, and where a request goes.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace bench {

struct PageQuery {
    std::int64_t page = 1;
    std::int64_t page_size = 20;  // at most 100
    bool with_total = true;

    std::int64_t offset() const { return (page - 1) * page_size; }
};

/// Reads `page=2&page_size=20&total=none`, in any order. Nothing when a name is unknown, a value is no number
/// of 1 to 9 digits or below 1, or the offset is beyond 100,000; a page_size over 100 becomes 100.
std::optional<PageQuery> parse_page_query(std::string_view query);

}  // namespace bench
