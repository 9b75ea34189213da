#include <brio/db/advice.hpp>

#include <algorithm>
#include <cctype>

#include <brio/base/text.hpp>

namespace brio::db {

namespace {

std::string joined(const std::vector<std::string>& words, std::string_view between,
                   std::string_view quote = "") {
    std::string text;
    for (const auto& word : words) {
        text += concat({text.empty() ? "" : between, quote, word, quote});
    }
    return text;
}

const ForeignKey* key_to(const SchemaFacts& facts, std::string_view table,
                         const std::vector<std::string>& others) {
    const ForeignKey* any = nullptr;
    for (const ForeignKey& key : facts.keys) {
        if (key.refers_to == table) {
            if (std::ranges::find(others, key.table) != others.end()) {
                return &key;
            }
            any = any == nullptr ? &key : any;
        }
    }
    return any;
}

std::string advice_for_write(sql::StatementType type) {
    switch (type) {
        case sql::StatementType::insert: return "give all rows to one insert_many()";
        case sql::StatementType::update:
        case sql::StatementType::erase:
            return "change all rows by one statement of your own (execute), or at least in one transaction()";
        default: return "run it once, outside of the loop";
    }
}

bool has_index(const SchemaFacts& facts, std::string_view table, const std::vector<std::string>& columns) {
    return std::ranges::any_of(facts.indexes, [&](const SchemaIndex& index) {
        return index.table == table && index.columns.size() >= columns.size() &&
               std::equal(columns.begin(), columns.end(), index.columns.begin());
    });
}

/// Behind such a word the line has conditions, which may hold values.
bool has_conditions(std::string_view line) {
    return line.find("Cond:") != std::string_view::npos || line.find("Filter:") != std::string_view::npos ||
           line.find("Key:") != std::string_view::npos;
}

}  // namespace

std::string advice_for_repetition(const sql::Statement& statement, const StatementShape& shape,
                                  const SchemaFacts& facts, const std::vector<std::string>& others) {
    if (statement.type() != sql::StatementType::select) {
        return advice_for_write(statement.type());
    }
    if (shape.is_by_id()) {
        const std::string& table = shape.tables.front().table;
        if (const ForeignKey* key = key_to(facts, table, others)) {
            return concat({"read ", table, " together with ", key->table, ", which refers to it by ",
                           key->column, ": belongs_to<…::", key->column, ">(", table,
                           ", …) and with<…>, find_with<…> or page_with<…>, one join instead"});
        }
        return concat({"read ", table, " together with the rows that name its ids: belongs_to<…>(", table,
                       ", …) and with<…>, find_with<…> or page_with<…>, one join instead"});
    }
    if (!shape.tables.empty() && !shape.by_list && shape.tables.front().equal.size() == 1) {
        const TableUse& use = shape.tables.front();
        const std::string& column = use.equal.front();
        const auto key = std::ranges::find_if(facts.keys, [&](const ForeignKey& each) {
            return each.table == use.table && each.column == column;
        });
        if (key != facts.keys.end()) {
            return concat({"read ", use.table, " of all rows of ", key->refers_to,
                           " at once: has_many<…::", column, ">(", use.table,
                           ", …) and with<…>, find_with<…> or page_with<…>, one select-in instead"});
        }
        return concat({"ask for all values at once: col<…::", column, "> in a list"});
    }
    return "run it once, outside of the loop, or ask for all values at once";
}

std::vector<IndexAdvice> advice_for_scans(const PlanReading& reading, const StatementShape& shape,
                                          const SchemaFacts& facts) {
    std::vector<IndexAdvice> all;
    for (const auto& table : reading.scanned) {
        const TableUse* use = shape.find(table);
        if (use == nullptr || shape.has_or) {
            continue;
        }
        auto columns = index_columns(*use);
        if (columns.empty() || has_index(facts, table, columns)) {
            continue;
        }
        IndexAdvice advice{.table = table,
                           .columns = std::move(columns),
                           .why = {},
                           .migration = {},
                           .before = {},
                           .after = {}};
        advice.migration = concat({"create_index(\"idx_", table, "_", joined(advice.columns, "_"), "\", \"",
                                   table, "\", {", joined(advice.columns, ", ", "\""), "})"});
        all.push_back(std::move(advice));
    }
    return all;
}

std::string create_index_text(const IndexAdvice& advice) {
    return concat({"CREATE INDEX \"idx_", advice.table, "_", joined(advice.columns, "_"), "\" ON \"",
                   advice.table, "\" (", joined(advice.columns, ", ", "\""), ")"});
}

std::string without_values(std::string_view plan) {
    std::string clean;
    while (!plan.empty()) {
        const auto end = std::min(plan.find('\n'), plan.size());
        const auto line = plan.substr(0, end);
        const bool conditions = has_conditions(line);
        for (std::size_t at = 0; at < line.size();) {
            const char c = line[at];
            const bool within_word = at > 0 && (std::isalnum(static_cast<unsigned char>(line[at - 1])) != 0 ||
                                                line[at - 1] == '_' || line[at - 1] == '$');
            if (c == '\'') {
                do {
                    ++at;
                } while (at < line.size() && line[at] != '\'');
                ++at;
                clean += '?';
            } else if (conditions && !within_word && std::isdigit(static_cast<unsigned char>(c)) != 0) {
                while (at < line.size() &&
                       (std::isalnum(static_cast<unsigned char>(line[at])) != 0 || line[at] == '.')) {
                    ++at;
                }
                clean += '?';
            } else {
                clean += c;
                ++at;
            }
        }
        plan.remove_prefix(std::min(end + 1, plan.size()));
        clean += plan.empty() ? "" : "\n";
    }
    return clean;
}

}  // namespace brio::db
