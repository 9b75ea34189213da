// The last warnings and errors of the process log, kept in memory for whoever looks at the running program.
//
// Bounded: most_recent_lines, 2 kB each. A flood does not wash away what was before it: of the lines with one
// message within a second the first is kept, and how many came after it. They are kept in every format, `off`
// too.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include <brio/base/log.hpp>
#include <brio/base/shared_slot.hpp>

namespace brio {

inline constexpr std::size_t most_recent_lines = 250;

struct RecentLine {
    std::uint64_t number = 0;  // rises by one a line, from 1 on
    WallTime time{};
    Severity severity = Severity::warning;
    std::uint32_t process = 0;
    std::string message;
    std::string fields;       // JSON object: what stood on the line beside the message; what does not fit is
                              // left out
    std::uint64_t times = 1;  // this one and those like it that followed within a second
};

/// All zero is an empty one, so it may lie in memory that processes share (shared_memory.hpp): what one of
/// them logged is there for the others when it has ended. Any number of threads and processes, no locks.
class RecentLog {
public:
    static constexpr std::size_t most_message = 512;  // bytes; longer ones are cut
    static constexpr std::size_t most_fields = 1512;

    void add(const LogLine& line, LogFields fields);
    /// The newest first, of all severities from `least` on.
    std::vector<RecentLine> lines(Severity least = Severity::warning) const;
    /// How many lines of this severity there have been, kept or not.
    std::uint64_t count(Severity severity) const noexcept {
        return counts_[static_cast<std::size_t>(severity)].load(std::memory_order_relaxed);
    }

private:
    struct Kept {
        std::uint64_t number;
        std::int64_t time_us;
        std::uint32_t process;
        std::uint16_t message_size;
        std::uint16_t fields_size;
        std::uint64_t severity;
        std::array<char, most_message> message;
        std::array<char, most_fields> fields;
    };
    struct Place {
        SharedSlot<Kept> line;
        std::atomic<std::uint64_t> kind;  // a hash of severity and message
        std::atomic<std::int64_t> time_us;
        std::atomic<std::uint64_t> times;
    };
    bool joins_another(std::uint64_t kind, std::int64_t time_us) noexcept;

    std::atomic<std::uint64_t> last_;
    std::array<std::atomic<std::uint64_t>, 4> counts_;
    std::array<Place, most_recent_lines> places_;
};

/// That of the process log.
RecentLog& recent_log() noexcept;

/// While it lives, the process log's is this one, here and in processes that are forked meanwhile.
class SharedRecentLog {
public:
    explicit SharedRecentLog(RecentLog& log) noexcept;
    ~SharedRecentLog();
    SharedRecentLog(const SharedRecentLog&) = delete;
    SharedRecentLog& operator=(const SharedRecentLog&) = delete;
};

}  // namespace brio
