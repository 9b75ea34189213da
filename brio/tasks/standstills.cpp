#include <brio/tasks/standstills.hpp>

#include <algorithm>

namespace brio::tasks {

Standstills::Time Standstills::of(std::string_view name, std::uint64_t counter, Time now, Time most_gap) {
    const auto found = seen_.find(name);
    if (found == seen_.end()) {
        seen_.emplace(std::string(name), Seen{counter, Time(0), now});
        return Time(0);
    }
    Seen& seen = found->second;
    seen.still = seen.counter == counter ? seen.still + std::min(now - seen.looked, most_gap) : Time(0);
    seen.counter = counter;
    seen.looked = now;
    return seen.still;
}

void Standstills::forget_before(Time time) {
    std::erase_if(seen_, [time](const auto& each) { return each.second.looked < time; });
}

}  // namespace brio::tasks
