#include <brio/db/cascades.hpp>

#include <algorithm>

namespace brio::db {

Cascades::Cascades(std::span<const Reference> references) {
    for (const Reference& each : references) {
        if (each.on_delete || each.on_update) {
            with_deleted_[each.target].push_back(each.table);
        }
        if (each.on_update) {
            with_updated_[each.target].push_back(each.table);
        }
    }
}

std::vector<std::string> Cascades::written_by(const sql::Statement& statement) const {
    auto tables = statement.writes();
    if (!concern(statement)) {
        return tables;
    }
    const Along& along = may_delete(statement) ? with_deleted_ : with_updated_;
    for (std::size_t i = 0; i < tables.size(); ++i) {  // grows: what changes along has others along
        const auto found = along.find(tables[i]);
        if (found == along.end()) {
            continue;
        }
        for (const std::string& table : found->second) {
            if (std::ranges::find(tables, table) == tables.end()) {
                tables.push_back(table);
            }
        }
    }
    return tables;
}

}  // namespace brio::db
