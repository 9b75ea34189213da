// How many server processes, and how many worker processes, the present load of a service needs: for whoever
// starts and ends them from outside. Pure.
//
// Servers by what each uses of what it may (as Kubernetes' horizontal autoscaler has it: so many times what
// there are as the load is of what it should be), and by what they refuse of their own accord: the processor
// against its goal, the fullest bound of their own against four fifths of it, what was shed against what was
// done. What is shed because a database or another service is slow is left out: more servers would wait for
// the same. Workers by how long tasks wait against their goal, and by the slots that are taken.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>

#include <brio/ledger/goals.hpp>

namespace brio::watch {

struct ServerLoad {
    double cpu_percent = 0;  // of what it may use
    double cores = 1;        // that
    double filled = 0;       // of its fullest bound that it has for itself, 0 to 1
    double per_second = 0;   // requests answered
    double shed_per_second = 0;
};
struct WorkerLoad {
    double cpu_percent = 0;
    double per_second = 0;  // tasks
    std::uint64_t running = 0;
    std::uint64_t slots = 0;  // that it may come to have
};
/// Of the queues together.
struct Waiting {
    std::uint64_t ready = 0;
    std::chrono::nanoseconds oldest{0};
};

/// What one look says. At least 1.
struct Need {
    std::size_t count = 1;
    std::string words;  // why: "the processor is at 88 % of 70 %"
};
Need servers_needed(std::span<const ServerLoad> servers, const Goals& goals);
Need workers_needed(std::span<const WorkerLoad> workers, const Waiting& waiting, const Goals& goals);

/// Within so much of what there are no change is asked for.
inline constexpr double need_tolerance = 0.1;
/// No more than so many times what there are at a time: what a refused load would come to is not known.
inline constexpr double most_growth = 2;

/// The count that is asked for, look by look: more when `looks_to_grow` looks in a row ask for it, fewer when
/// none has asked for as many in all of `calm`, in which what there were count as asked for at first.
class Wanted {
public:
    static constexpr std::size_t looks_to_grow = 3;
    static constexpr std::chrono::minutes calm{5};

    /// `has`: how many there are.
    std::size_t look(std::chrono::nanoseconds now, std::size_t has, std::size_t needed);
    std::size_t count() const noexcept { return count_; }

private:
    static constexpr std::size_t most_looks = 128;
    struct Look {
        std::chrono::nanoseconds at;
        std::size_t needed;
    };
    std::deque<Look> looks_;  // of the last `calm`, bounded
    std::chrono::nanoseconds since_{-1};
    std::size_t count_ = 1;
};

/// What is said of it: "needs 3: the processor is at 88 % of 70 %", and where another number is asked for as
/// yet "needs 2: … (asked for: 3, until that has lasted for 5 minutes)".
struct NeedNow {
    std::string what;        // "servers", "workers"
    std::size_t wanted = 1;  // that are asked for
    std::size_t needed = 1;  // by the last look
    std::size_t has = 0;
    std::string words;
};
NeedNow describe_need(std::string what, const Need& need, std::size_t wanted, std::size_t has);

}  // namespace brio::watch
