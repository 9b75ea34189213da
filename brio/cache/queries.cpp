#include <brio/cache/queries.hpp>

#include <brio/cache/caches.hpp>

namespace brio::cache {

const Subject& Queries::subject_of(const sql::Statement& statement) {
    if (statement.number() >= by_statement_.size()) {
        return caches_.subject(CacheType::query, statement.name());
    }
    auto& place = by_statement_[statement.number()];
    const Subject* subject = place.load(std::memory_order_acquire);
    if (subject == nullptr) [[unlikely]] {
        subject = &caches_.subject(CacheType::query, statement.name());
        place.store(subject, std::memory_order_release);
    }
    return *subject;
}

const Subject& Queries::subject_of(std::string_view name) {
    auto& place = by_name_[std::hash<std::string_view>{}(name) % by_name_.size()];
    const Subject* subject = place.load(std::memory_order_acquire);
    if (subject == nullptr || subject->name() != name) [[unlikely]] {
        subject = &caches_.subject(CacheType::query, name);
        place.store(subject, std::memory_order_release);
    }
    return *subject;
}

}  // namespace brio::cache
