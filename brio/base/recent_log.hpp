// The last warnings and errors of the process log, kept in memory for whoever looks at the running process.
//
// Bounded: most_recent_lines, 2 kB each. A flood does not wash away what was before it: of the lines with one
// message within a second the first is kept, and how many came after it. They are kept in every format, `off`
// too.
#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include <brio/base/log.hpp>

namespace brio {

inline constexpr std::size_t most_recent_lines = 250;
inline constexpr std::size_t most_recent_line = 2048;  // bytes of a line's fields; longer texts are cut

struct RecentLine {
    std::uint64_t number = 0;  // rises by one a line, from 1 on
    WallTime time{};
    Severity severity = Severity::warning;
    std::string message;
    std::string fields;       // JSON object: what stood on the line beside the message
    std::uint64_t times = 1;  // this one and those like it that followed within a second
};

class RecentLog {
public:
    void add(const LogLine& line, LogFields fields);
    /// The newest first, of all severities from `least` on.
    std::vector<RecentLine> lines(Severity least = Severity::warning) const;
    /// How many lines of this severity there have been, kept or not.
    std::uint64_t count(Severity severity) const;

private:
    mutable std::mutex mutex_;
    std::deque<RecentLine> lines_;  // the oldest first
    std::uint64_t last_ = 0;
    std::array<std::uint64_t, 4> counts_{};
};

/// That of the process log. Any thread.
RecentLog& recent_log() noexcept;

}  // namespace brio
