#include <brio/db/query_plan.hpp>

#include <algorithm>

#include <brio/base/text.hpp>

namespace brio::db {

namespace {

void add(std::vector<std::string>& names, std::string_view name) {
    if (!name.empty() && std::ranges::find(names, name) == names.end()) {
        names.emplace_back(name);
    }
}

/// The word that follows `before`; empty when the line does not have it.
std::string_view word_after(std::string_view line, std::string_view before) {
    const auto at = line.find(before);
    if (at == std::string_view::npos) {
        return {};
    }
    const auto rest = line.substr(at + before.size());
    const auto word = rest.substr(0, rest.find_first_of(" (\n"));
    return word.size() > 1 && word.front() == '"' ? word.substr(1, word.size() - 2) : word;
}

/// Its table; none for what is no table of the statement, as a list of values or a subquery.
void add_scan(PlanReading& reading, const StatementShape& shape, std::string_view name) {
    if (const TableUse* use = shape.find(name)) {
        add(reading.scanned, use->table);
    }
}

void read_line(PlanReading& reading, const StatementShape& shape, std::string_view line) {
    const bool by_index = line.find("INDEX") != std::string_view::npos;
    if (line.starts_with("SCAN ") && !by_index) {
        add_scan(reading, shape, word_after(line, "SCAN "));
    }
    if (line.find("Seq Scan on ") != std::string_view::npos) {
        add_scan(reading, shape, word_after(line, "Seq Scan on "));
    }
    if (!line.starts_with("SCAN ") && !line.starts_with("SEARCH ") && line.find("Sort Key:") == 0) {
        reading.sorts = true;
    }
    reading.sorts |= line.find("USE TEMP B-TREE FOR ") != std::string_view::npos &&
                     line.find("ORDER BY") != std::string_view::npos;
    if (line.find("AUTOMATIC") != std::string_view::npos) {
        // SQLite makes an index for this one run: it reads the whole table for it.
        add_scan(reading, shape, word_after(line, "SEARCH "));
        return;
    }
    add(reading.indexes, word_after(line, "USING INDEX "));
    add(reading.indexes, word_after(line, "USING COVERING INDEX "));
    add(reading.indexes, word_after(line, "Index Scan using "));
    add(reading.indexes, word_after(line, "Index Only Scan using "));
    add(reading.indexes, word_after(line, "Index Scan Backward using "));
    add(reading.indexes, word_after(line, "Index Only Scan Backward using "));
    add(reading.indexes, word_after(line, "Bitmap Index Scan on "));
}

}  // namespace

PlanReading read_plan(std::string_view plan, const StatementShape& shape) {
    PlanReading reading;
    while (!plan.empty()) {
        const auto end = std::min(plan.find('\n'), plan.size());
        auto line = trim(plan.substr(0, end));
        if (line.starts_with("->")) {
            line = trim(line.substr(2));
        }
        read_line(reading, shape, line);
        plan.remove_prefix(std::min(end + 1, plan.size()));
    }
    return reading;
}

std::string plan_words(const PlanReading& reading, const StatementShape& shape) {
    std::string words;
    for (const auto& table : reading.scanned) {
        words += concat({words.empty() ? "" : "; ", "scans the whole table ", table});
        const TableUse* use = shape.find(table);
        const auto columns =
            use != nullptr && !shape.has_or ? index_columns(*use) : std::vector<std::string>();
        std::string list;
        for (const auto& column : columns) {
            list += concat({list.empty() ? "" : ", ", column});
        }
        if (!list.empty()) {
            words += concat({": an index on (", list, ") would lead"});
        }
    }
    if (reading.sorts) {
        words += concat({words.empty() ? "" : "; ", "sorts its rows afterwards"});
    }
    return words;
}

}  // namespace brio::db
