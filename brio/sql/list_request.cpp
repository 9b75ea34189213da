#include <brio/sql/list_request.hpp>

#include <array>
#include <map>
#include <optional>

#include <brio/base/text.hpp>
#include <brio/json/raw.hpp>
#include <brio/json/read.hpp>
#include <brio/reflect/parse_text.hpp>

namespace brio::sql {

namespace {

class Reader {
public:
    explicit Reader(const ListShape& shape) : shape_(shape) { request_.sort = shape.sorts.size(); }

    void take(std::string_view name, std::string_view value) {
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (name == names[i]) {
                put(given_[i], name, value);
                return;
            }
        }
        if (!take_filter(name, name, value)) {
            fault(name, "is no parameter of this list");
        }
    }

    std::expected<ListRequest, std::vector<ListFault>> finish() {
        read_json_filters();
        read_order();
        read_window();
        read_filters();
        request_.cursor = text(cursor).value_or("");
        if (text(cursor) && text(cursor)->empty()) {
            fault("cursor", "must be the next_cursor of a page");
        }
        if (text(cursor) && (text(page) || text(skip))) {
            fault("cursor", "stands in place of page or skip, not beside it");
        }
        if (const auto& wanted = text(total)) {
            const auto kind = reflect::parse_text<Total>(*wanted);
            kind ? void(request_.total = *kind) : fault("total", kind.error());
        }
        if (!faults_.empty()) {
            return std::unexpected(std::move(faults_));
        }
        return std::move(request_);
    }

private:
    enum Name : std::size_t { page, page_size, skip, limit, sort_by, sort_order, cursor, total, filters };
    static constexpr std::array<std::string_view, 9> names{
        "page", "page_size", "skip", "limit", "sort_by", "sort_order", "cursor", "total", "filters"};

    void fault(std::string_view name, std::string_view message, bool too_deep = false) {
        faults_.push_back({std::string(name), std::string(message), too_deep});
    }
    void put(std::optional<std::string>& into, std::string_view name, std::string_view value) {
        if (into) {
            fault(name, "is given twice");
        }
        into = value;
    }
    const std::optional<std::string>& text(Name name) const { return given_[name]; }

    bool take_filter(std::string_view filter, std::string_view parameter, std::string_view value) {
        for (std::size_t i = 0; i < shape_.filters.size(); ++i) {
            if (shape_.filters[i].name == filter) {
                put(filter_texts_[i], parameter, value);
                return true;
            }
        }
        return false;
    }

    void read_json_filters() {
        if (!text(filters)) {
            return;
        }
        const auto object =
            json::read<std::map<std::string, json::Raw>>(*text(filters), {.bytes = 4096, .depth = 4});
        if (!object) {
            fault("filters", "must be a JSON object like {\"column\": value}");
            return;
        }
        for (const auto& [column, value] : *object) {
            std::string plain = value.text;
            if (plain.starts_with('"')) {
                plain = json::read<std::string>(value.text).value_or("");
            } else if (plain.starts_with('{') || plain.starts_with('[') || plain == "null") {
                fault(concat({"filters.", column}), "must be a string, a number or a boolean");
                continue;
            }
            if (!take_filter(column, concat({"filters.", column}), plain)) {
                fault(concat({"filters.", column}), "is no filter of this list");
            }
        }
    }

    void read_filters() {
        for (std::size_t i = 0; i < shape_.filters.size(); ++i) {
            std::string message;
            if (!filter_texts_[i]) {
                continue;
            }
            if (shape_.filters[i].parse(*filter_texts_[i], request_.filter_values, message)) {
                request_.filters |= 1u << i;
            } else {
                fault(shape_.filters[i].name, message);
            }
        }
    }

    void read_order() {
        if (const auto& column = text(sort_by); column && *column != "id") {
            request_.sort =
                static_cast<std::size_t>(std::ranges::find(shape_.sorts, *column) - shape_.sorts.begin());
            if (request_.sort == shape_.sorts.size()) {
                fault("sort_by", reflect::one_of_text(shape_.sorts));
            }
        } else if (column) {
            request_.sort =
                static_cast<std::size_t>(std::ranges::find(shape_.sorts, "id") - shape_.sorts.begin());
        }
        if (const auto& order = text(sort_order)) {
            request_.descending = *order == "desc";
            if (*order != "desc" && *order != "asc") {
                fault("sort_order", "must be one of asc, desc");
            }
        }
    }

    std::uint64_t number(Name name, std::uint64_t least, std::uint64_t otherwise) {
        if (!text(name)) {
            return otherwise;
        }
        const auto value = reflect::parse_text<std::uint64_t>(*text(name));
        if (!value || *value < least) {
            fault(names[name], least == 0 ? "must be an integer from 0 on" : "must be an integer from 1 on");
            return otherwise;
        }
        return *value;
    }

    void read_window() {
        request_.by_skip = text(skip) || text(limit);
        if (request_.by_skip && (text(page) || text(page_size))) {
            fault(text(skip) ? "skip" : "limit", "stands in place of page and page_size, not beside them");
            return;
        }
        const std::uint64_t size =
            request_.by_skip ? number(limit, 1, 100) : number(page_size, 1, shape_.page_size);
        request_.page_size = static_cast<std::uint32_t>(std::min<std::uint64_t>(size, shape_.most_page_size));
        request_.page = request_.by_skip ? 1 : number(page, 1, 1);
        request_.skip = request_.by_skip ? number(skip, 0, 0) : 0;
        // Without a product that could overflow.
        const bool too_deep = request_.by_skip ? request_.skip > most_skipped_rows
                                               : request_.page - 1 > most_skipped_rows / request_.page_size;
        if (too_deep) {
            fault(request_.by_skip ? "skip" : "page",
                  "is deeper than 100000 rows: go on by cursor=, the next_cursor of a page", true);
        } else if (request_.by_skip) {
            request_.page = request_.skip / request_.page_size + 1;
        } else {
            request_.skip = (request_.page - 1) * request_.page_size;
        }
    }

    const ListShape& shape_;
    ListRequest request_;
    std::array<std::optional<std::string>, 9> given_;
    std::array<std::optional<std::string>, most_filters> filter_texts_;
    std::vector<ListFault> faults_;
};

}  // namespace

std::expected<ListRequest, std::vector<ListFault>> parse_list(const ListShape& shape,
                                                              std::span<const NamedValue> given) {
    Reader reader(shape);
    for (const auto& [name, value] : given) {
        reader.take(name, value);
    }
    return reader.finish();
}

}  // namespace brio::sql
