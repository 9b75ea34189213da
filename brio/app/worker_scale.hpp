// How many worker processes are to be there, as a pure state machine: more when tasks wait longer than they
// are to though none of the present ones can take more at a time, fewer when fewer could do what is done.
//
// A worker grows first by itself (tasks/autoscale.hpp). Another process helps only where each of them has all
// its slots taken and either no more to come or no time left of the processor that its threads can use, and
// where the machine, or the control group, has processor left, or where they hardly use it. Half as many
// again come at a time, at least one, so that a burst is met in some steps; the next step waits until the
// last one has had time to help.
//
// One goes at a time, the first after `calm`: at no look of that time was more done than one fewer could do
// with room to spare. Where that was wrong, so that it has to grow again soon, the next calm is to last twice
// as long, up to `longest_calm` and until an hour without a change halves it: a load that comes and goes does
// not take processes with it each time. Figures: docs/decisions/elasticity.md.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace brio::app {

/// What a worker process says of itself once a second.
struct WorkerReport {
    int pid = 0;
    std::chrono::nanoseconds at{0};    // monotonic
    std::chrono::nanoseconds wait{0};  // of a task that is pushed now, as Autoscale::wait()
    std::uint64_t ready = 0;           // tasks that wait, of all workers
    std::uint64_t taken = 0;           // its slots
    std::uint64_t kept = 0;   // of its slots, for one queue alone: they may be free while others wait
    std::uint64_t slots = 0;  // that it has now
    std::uint64_t most = 0;   // that it may come to have
    double cores_used = 0;    // since its last report
    double cores = 1;         // that its threads can use
    double free_cores = 0;    // that nobody used of what it may use, on the machine or in its group
};

struct WorkerScaleOptions {
    std::size_t least = 1;
    std::size_t most = 1;
    std::chrono::nanoseconds goal = std::chrono::seconds(5);      // of a task's wait
    std::chrono::nanoseconds patience = std::chrono::seconds(3);  // that tasks wait too long before one comes
    std::chrono::nanoseconds settle = std::chrono::seconds(5);    // after a change before the next
    std::chrono::nanoseconds calm = std::chrono::seconds(60);     // before one goes, and
    std::chrono::nanoseconds next = std::chrono::seconds(15);     // before one more does
    std::chrono::nanoseconds longest_calm = std::chrono::minutes(10);
    std::chrono::nanoseconds silent = std::chrono::seconds(4);  // a report that is older tells nothing
    double busy = 0.9;        // of the processor that a worker can use: it is full
    double free_cores = 0.2;  // less is none, but for
    double few_cores = 0.05;  // a process that uses no more of the processor, as where tasks only wait
    double slots_used = 0.8;  // at most, by those who stay, of their slots
    double cores_used = 0.7;  // and of their processor
};

class WorkerScale {
public:
    explicit WorkerScale(const WorkerScaleOptions& options);

    /// As many as there are, within the bounds.
    void begin(std::size_t count) noexcept;
    /// How many there are to be from now on. `reports` are of those that are to stay, each of its latest;
    /// some may be missing or old.
    std::size_t decide(std::chrono::nanoseconds now, std::span<const WorkerReport> reports);
    std::size_t wanted() const noexcept { return wanted_; }

    /// What the last look has found, for who says why.
    struct Found {
        std::size_t heard = 0;  // reports that are not old
        std::chrono::nanoseconds wait{0};
        std::uint64_t ready = 0;
        std::uint64_t taken = 0;
        std::uint64_t most = 0;  // slots that they may come to have
        double cores_used = 0;
        double cores = 0;
        double free_cores = 0;
        bool are_full = false;  // all of them
    };
    const Found& found() const noexcept { return found_; }
    /// Why there are no more though tasks wait too long; empty while they do not, or while it is not known.
    /// "the most there may be", "no processor left", "the present ones can take more".
    std::string_view hindrance() const noexcept { return hindrance_; }

private:
    void look(std::chrono::nanoseconds now, std::span<const WorkerReport> reports);
    bool is_full(const WorkerReport& report) const noexcept;
    std::size_t grown() const noexcept;
    bool has_processor() const noexcept;
    bool would_do(std::size_t count) const noexcept;
    void change(std::size_t wanted, std::chrono::nanoseconds now);

    const WorkerScaleOptions options_;
    std::size_t wanted_;
    Found found_;
    std::string_view hindrance_;
    std::chrono::nanoseconds well_at_{-1};  // when tasks last did not wait too long; -1: no look yet
    std::chrono::nanoseconds calm_since_{0};
    std::chrono::nanoseconds calm_;  // that is asked for now
    std::chrono::nanoseconds changed_{0};
    std::chrono::nanoseconds shrunk_{0};
    std::chrono::nanoseconds eased_{0};  // when the calm was last made shorter, or at the last change
    bool has_changed_ = false;
    bool has_shrunk_ = false;
};

}  // namespace brio::app
