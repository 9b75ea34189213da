// Time zones by their names of the IANA database, as the machine's tzdata has them.
#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <brio/reflect/timestamp.hpp>

namespace brio::tasks {

/// Immutable; copies are cheap. Any thread.
class TimeZone {
public:
    /// UTC.
    TimeZone();
    /// "Europe/Berlin". Nothing when the machine knows none of that name.
    static std::optional<TimeZone> named(std::string_view name);

    const std::string& name() const noexcept;
    /// What clocks there show.
    std::chrono::local_seconds local(Timestamp moment) const;

    /// When clocks there show `time`.
    struct Moments {
        /// `second` is later than `first` when clocks were put back over it. When they were put forward over
        /// it, both are the moment at which they were.
        Timestamp first;
        Timestamp second;
        /// The moment of the change of the clocks; `first` when there is none.
        Timestamp change;

        bool is_repeated() const noexcept { return first != second; }
    };
    Moments moments(std::chrono::local_seconds time) const;

private:
    struct Zone;
    std::shared_ptr<const Zone> zone_;
};

}  // namespace brio::tasks
