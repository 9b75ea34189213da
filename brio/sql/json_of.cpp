#include <brio/sql/json_of.hpp>

#include <brio/base/text.hpp>

namespace brio::sql::detail {

namespace {

void close(JsonBytes& after) { after = JsonBytes(concat({after.view(), "}"})); }

}  // namespace

void JsonPlanner::add_column(JsonColumn entry) {
    plan_.columns.push_back(std::move(entry));
    ++column_;
}

std::size_t JsonPlanner::open_group(std::string_view name, bool nullable) {
    plan_.columns.push_back({.form = JsonForm::group,
                             .nullable = nullable,
                             .count = static_cast<std::uint16_t>(column_),  // until it is closed: the first
                             .before = concat({",\"", name, "\":"})});
    return plan_.columns.size() - 1;
}

void JsonPlanner::close_group(std::size_t group) {
    auto& columns = plan_.columns;
    const std::size_t last = columns.size() - 1;
    columns[group].count = static_cast<std::uint16_t>(column_ - columns[group].count);
    columns[group].entries = static_cast<std::uint16_t>(last - group);
    close(columns[last].after);
    // A group within that ends here too and is null leaves the last entry out, and closes this one instead.
    for (std::size_t i = group + 1; i < last; ++i) {
        if (columns[i].form == JsonForm::group && i + columns[i].entries == last) {
            close(columns[i].after);
        }
    }
}

void JsonPlanner::add_splice(std::string_view name, int id_column) {
    plan_.columns.push_back({.form = JsonForm::splice,
                             .count = static_cast<std::uint16_t>(id_column),
                             .entries = splices_++,
                             .before = concat({",\"", name, "\":["}),
                             .after = JsonBytes("]")});
}

}  // namespace brio::sql::detail
