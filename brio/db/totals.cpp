#include <brio/db/totals.hpp>

namespace brio::db {

std::optional<std::uint64_t> Totals::find(std::string_view key, sql::Generation now) const {
    const std::scoped_lock lock(mutex_);
    const auto at = entries_.find(key);
    if (at == entries_.end() || !now.settled || at->second.generation != now.number) {
        return std::nullopt;
    }
    return at->second.total;
}

void Totals::keep(std::string_view key, sql::Generation generation, std::uint64_t total) {
    if (!generation.settled) {
        return;
    }
    const std::scoped_lock lock(mutex_);
    if (entries_.size() >= most && !entries_.contains(key)) {
        entries_.clear();
    }
    entries_.insert_or_assign(std::string(key), Entry{generation.number, total});
}

}  // namespace brio::db
