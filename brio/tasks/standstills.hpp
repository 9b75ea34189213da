// For how long others' counters have not moved, by the clock of who looks at them: so a lease needs no clock
// that two machines agree about. Pure.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace brio::tasks {

class Standstills {
public:
    using Time = std::chrono::nanoseconds;

    /// For how long `counter` has been what it is while this object looked: 0 at the first look. What passed
    /// since the look before counts for at most `most_gap`: while the watcher itself was stopped, or saw
    /// nothing, others had no chance to show that they live.
    Time of(std::string_view name, std::uint64_t counter, Time now, Time most_gap = Time::max());
    /// Those that were not looked at since `time` are forgotten.
    void forget_before(Time time);
    std::size_t size() const noexcept { return seen_.size(); }

private:
    struct Seen {
        std::uint64_t counter = 0;
        Time still{0};
        Time looked{0};
    };
    std::map<std::string, Seen, std::less<>> seen_;
};

}  // namespace brio::tasks
