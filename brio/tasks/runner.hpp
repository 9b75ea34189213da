// Carries out tasks on one loop: claims no more than it has slots, runs each under a unit of work of its own,
// settles what has ended, all that ended in one turn together.
//
// A slot is taken until the broker has acknowledged what became of its task (late acknowledgement). When the
// broker is away, tasks under way go on, settlements wait, and claiming begins again within a second of its
// return. A task that was there when a worker died runs alone: the others end before, and none begins beside
// it.
//
// Everything is for the loop's thread.
#pragma once
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <brio/http/services.hpp>
#include <brio/runtime/awaitables.hpp>
#include <brio/runtime/scope.hpp>
#include <brio/tasks/clocks.hpp>
#include <brio/tasks/running.hpp>
#include <brio/tasks/tasks.hpp>

namespace brio::tasks {

struct RunnerOptions {
    std::vector<std::string> queues{std::string(default_queue)};  // the first before the second
    std::size_t concurrency = 16;                                 // tasks at a time, on this loop
    Clocks clocks = {};
    std::chrono::milliseconds idle = std::chrono::seconds(1);  // between two looks when nothing tells of more
};

class Runner {
public:
    struct Parts {
        Tasks& tasks;
        const http::Services& services;  // what tasks may take
        Running& running;
        std::function<std::string()> worker;  // the id that claims now; empty: none yet; any thread
    };

    Runner(runtime::Loop& loop, Parts parts, RunnerOptions options);
    Runner(const Runner&) = delete;
    Runner& operator=(const Runner&) = delete;
    /// Everything has ended: drain() first.
    ~Runner();

    void start();
    /// Claims nothing more; `ended` is called when all that runs has ended and is settled. Begun tasks go on.
    void drain(std::function<void()> ended);
    /// What runs is told to stop, and handed back.
    void stop_tasks();
    /// Of those with these ids: they are revoked, or no longer this worker's.
    void cancel(const std::vector<std::string>& ids);
    /// Everything it holds belongs to others by now: this worker was taken for dead.
    void lose_all();

    std::size_t running() const noexcept { return runs_.size(); }
    /// When the broker last answered a claim, by the loop's time.
    std::chrono::nanoseconds last_claim() const noexcept { return last_claim_; }

private:
    class Run;
    /// A try that is over and of which the broker does not know yet.
    struct Ended {
        Settlement settlement;
        std::string task;
        std::uint64_t took_ns = 0;
        ledger::Ledger ledger;
    };

    static Async<void> claim_for_ever(Runner& self);
    static Async<void> settle_all(Runner& self);
    static Async<void> send_progress(Runner& self);
    Async<std::size_t> claim_once();
    Async<void> rest();
    Async<void> rest_for(std::chrono::milliseconds time);
    void begin(Claim claim);
    void begin_suspects();
    void hand_back(const Claim& claim);
    void run_ended(Run& run, Ended ended, bool is_lost);
    void stop_all(bool are_lost);
    void settle(Ended ended);
    void count(std::vector<Ended>& batch, const std::vector<bool>& settled);
    void look_whether_drained();
    std::size_t free_slots() const noexcept;
    void note_fault(const std::exception& error);

    runtime::Loop& loop_;
    const Parts parts_;
    const RunnerOptions options_;
    runtime::Scope scope_;  // claiming, settling, progress
    runtime::Scope resting_;
    std::vector<std::unique_ptr<Run>> runs_;
    std::deque<Claim> suspects_;  // there when a worker died
    bool is_alone_ = false;       // a suspect runs
    runtime::WaitList slot_freed_;
    std::vector<Ended> ended_;
    std::size_t settling_ = 0;
    bool is_settling_ = false;
    bool is_draining_ = false;
    bool is_claiming_ = false;
    bool has_fault_ = false;
    int faults_ = 0;
    std::function<void()> on_drained_;
    std::chrono::nanoseconds last_claim_{0};

    struct ProgressTimer : runtime::Timer {
        explicit ProgressTimer(Runner& its_runner);
        Runner& runner;
    };
    ProgressTimer progress_timer_;
    bool is_sending_progress_ = false;
};

}  // namespace brio::tasks
