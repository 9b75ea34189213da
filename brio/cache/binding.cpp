#include <brio/cache/binding.hpp>

#include <algorithm>

#include <brio/sql/generations.hpp>

namespace brio::cache {

bool Binding::holds(std::chrono::nanoseconds now) const noexcept {
    return std::ranges::all_of(entries_, [now](const Entry& entry) {
        const auto& generations = *static_cast<const sql::Generations*>(entry.source);
        const auto slot = static_cast<sql::Generations::Slot>(entry.item);
        return generations.read(slot) == sql::Generation{entry.number, true} && generations.is_current(now);
    });
}

}  // namespace brio::cache
