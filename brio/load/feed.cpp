#include <brio/load/feed.hpp>

#include <algorithm>

namespace brio::load::detail {
namespace {

// One line of values at the front of `rest`, which goes behind it.
std::vector<std::string> take_csv_line(std::string_view& rest, const std::string& where) {
    std::vector<std::string> values(1);
    for (auto quoted = false; !rest.empty();) {
        auto const c = rest.front();
        rest.remove_prefix(1);
        if (quoted) {
            if (c == '"' && rest.starts_with('"')) {
                values.back().push_back('"');
                rest.remove_prefix(1);
            } else if (c == '"') {
                quoted = false;
            } else {
                values.back().push_back(c);
            }
            if (quoted && rest.empty()) {
                throw std::runtime_error(where + ": a quote has no end");
            }
        } else if (c == '"' && values.back().empty()) {
            quoted = true;
        } else if (c == ',') {
            values.emplace_back();
        } else if (c == '\n') {
            break;
        } else if (c != '\r' || !rest.starts_with('\n')) {
            values.back().push_back(c);
        }
    }
    return values;
}

}  // namespace

std::vector<std::vector<std::string>> read_csv_lines(std::string_view text, const std::string& where) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.starts_with(byte_order_mark)) {
        text.remove_prefix(byte_order_mark.size());
    }
    std::vector<std::vector<std::string>> lines;
    while (!text.empty()) {
        auto const place = where + ", row " + std::to_string(lines.size());
        auto values = take_csv_line(text, place);
        if (values.size() == 1 && values.front().empty()) {
            continue;  // an empty line
        }
        if (!lines.empty() && values.size() != lines.front().size()) {
            throw std::runtime_error(place + " has " + std::to_string(values.size()) + " values for " +
                                     std::to_string(lines.front().size()) + " columns");
        }
        lines.push_back(std::move(values));
    }
    if (lines.empty()) {
        throw std::runtime_error(where + ": there is no line with the columns' names");
    }
    return lines;
}

std::size_t column_of(const std::vector<std::string>& names, std::string_view name,
                      const std::string& where) {
    auto const found = std::ranges::find(names, name);
    if (found == names.end()) {
        throw std::runtime_error(where + " has no column \"" + std::string(name) + "\"");
    }
    return static_cast<std::size_t>(found - names.begin());
}

}  // namespace brio::load::detail
