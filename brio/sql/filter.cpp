#include <brio/sql/filter.hpp>

#include <brio/base/text.hpp>
#include <brio/reflect/utf8.hpp>

namespace brio::sql {

namespace {

constexpr std::size_t most_elements = 100;
constexpr std::size_t most_search_characters = 100;

void write_filter(StatementText& text, const FilterColumn& filter) {
    const std::string_view column = filter.column.empty() ? filter.name : filter.column;
    switch (filter.kind) {
        case FilterKind::equal: (text.column("t", column) << " = ").parameter(); break;
        case FilterKind::from: (text.column("t", column) << " >= ").parameter(); break;
        case FilterKind::to: (text.column("t", column) << " <= ").parameter(); break;
        case FilterKind::any_of: text.column("t", column).in_list(filter.cast()); break;
        case FilterKind::search: {
            std::string_view word = "(";
            for (const std::string_view each : filter.columns) {
                (text << std::exchange(word, " OR ")).column("t", each);
                each == filter.columns.front() ? text.like(false) : text.like_again(false);
            }
            text << ")";
            break;
        }
    }
}

}  // namespace

void write_filters(StatementText& text, std::span<const FilterColumn> filters, std::uint32_t wanted) {
    std::string_view word = " WHERE ";
    for (std::size_t i = 0; i < filters.size(); ++i) {
        if ((wanted >> i & 1) != 0) {
            write_filter(text << std::exchange(word, " AND "), filters[i]);
        }
    }
}

namespace detail {

bool parse_elements(std::string_view text, Values& into, std::string& message,
                    bool (*add)(std::string_view text, ValueList& into, std::string& message)) {
    ValueList list;
    std::size_t count = 0;
    for (;;) {
        const auto comma = text.find(',');
        if (!add(text.substr(0, comma), list, message)) {
            return false;
        }
        if (++count > most_elements) {
            message = concat({"must be at most ", integer_text(most_elements), " values"});
            return false;
        }
        if (comma == text.npos) {
            into.add_bytes(std::move(list).json(), ValueKind::list);
            return true;
        }
        text.remove_prefix(comma + 1);
    }
}

bool parse_search(std::string_view text, Values& into, std::string& message) {
    const auto characters = reflect::utf8_length(text);
    if (!characters || *characters == 0 || *characters > most_search_characters ||
        text.find('\0') != text.npos) {
        message = concat({"must have 1 to ", integer_text(most_search_characters), " characters"});
        return false;
    }
    std::string pattern = "%";
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '\\') {
            pattern += '\\';
        }
        pattern += c;
    }
    into.add_bytes(pattern + '%');
    return true;
}

}  // namespace detail
}  // namespace brio::sql
