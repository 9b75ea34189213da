// Carries out tasks on one loop: claims no more than it has slots, runs each under a unit of work of its own,
// settles what has ended, all that ended in one turn together.
//
// A slot is taken until the broker has acknowledged what became of its task (late acknowledgement). Some can
// be kept for tasks of the first queue, which otherwise wait when the rest of it takes long. When the broker
// is away, tasks under way go on, settlements wait, and claiming begins again within a second of its return.
// Where there are many slots and many tasks wait, and the broker gains by it, two claims are under way, each
// for a part of the slots: so the broker has work while this process reads what the other one gave.
// A task that was there when a worker died runs alone in its process: the others end and are settled before,
// and none is held beside it, so that nobody is counted with it if it brings the worker down again.
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
#include <brio/tasks/run.hpp>

namespace brio::tasks {

struct RunnerOptions {
    std::vector<std::string> queues{std::string(default_queue)};  // the first before the second
    std::size_t concurrency = 16;                                 // tasks at a time, on this loop
    std::size_t kept = 0;                                         // of these, for the first queue alone
    Clocks clocks = {};
    int most_deaths = 3;                                       // of a task; then it is dead, too
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
    /// What runs is told to stop, and handed back. A broker that is away is not waited for any more: what it
    /// does not know goes back when the lease is over.
    void stop_tasks();
    /// Of those with these ids: they are revoked, or no longer this worker's.
    void cancel(const std::vector<std::string>& ids);
    /// Everything it holds belongs to others by now: this worker was taken for dead.
    void lose_all();

    /// Tasks at a time from now on, those that are kept among them. What runs beyond goes on.
    void set_concurrency(std::size_t concurrency);

    std::size_t running() const noexcept { return runs_.size(); }

private:
    /// Slots, and the queues whose tasks get them.
    struct Lane {
        Lane(runtime::Loop& loop, std::vector<std::string> its_queues, std::size_t its_slots)
            : queues(std::move(its_queues)),
              slots(its_slots),
              resting(loop) {}
        const std::vector<std::string> queues;
        std::size_t slots;
        std::size_t taken = 0;    // from the claim on until the broker knows what became of it
        bool has_plenty = false;  // the last claim gave all that was asked for
        runtime::WaitList got_plenty;
        runtime::WaitList slot_freed;
        runtime::Scope resting;
        int in_vain = 0;  // claims that gave nothing, in a row
    };
    struct Begun {
        std::unique_ptr<Run> run;
        Lane* lane;
    };
    struct Unsettled {
        Run::Ended ended;
        Lane* lane;
    };

    static constexpr std::size_t least_claimed = 32;

    // runner.cpp: claims tasks, runs them, ends
    static Async<void> claim_for_ever(Runner& self, Lane& lane);
    static Async<void> claim_while_there_is_plenty(Runner& self, Lane& lane);
    std::size_t claimed_at_once(const Lane& lane) const noexcept;
    bool may_claim() const;
    Async<std::optional<std::size_t>> try_to_claim(Lane& lane);
    static Async<void> begin_alone(Runner& self, Claim claim, Lane& lane);
    Async<std::size_t> claim_once(Lane& lane);
    Async<void> rest(Lane& lane);
    Async<void> rest_for(Lane& lane, std::chrono::milliseconds time);
    void take(Claim claim, Lane& lane);
    void begin(Claim claim, Lane& lane);
    void hand_back(const Claim& claim, Lane& lane);
    void release(const Held& held, Lane& lane);
    void tell_of_free_slots();
    void run_ended(Run& run, Run::Ended ended);
    void stop_all(Run::Stop why);
    void look_whether_drained();
    void note_fault(const std::exception& error);
    std::chrono::milliseconds retry_delay() const noexcept;

    // runner_settle.cpp: tells what became of them
    void settle(Run::Ended ended, Lane& lane);
    static Async<void> settle_all(Runner& self);
    std::vector<Unsettled> next_batch();
    Async<std::vector<bool>> tell(std::vector<Unsettled>& batch);
    void count(std::vector<Unsettled>& batch, const std::vector<bool>& settled);
    void arm_progress();
    static Async<void> send_progress(Runner& self);

    runtime::Loop& loop_;
    const Parts parts_;
    const RunnerOptions options_;
    const Run::Parts run_parts_;
    runtime::Scope scope_;  // claiming, waiting to be alone, settling, progress
    std::deque<Lane> lanes_;
    std::vector<Begun> runs_;
    std::vector<Unsettled> ended_;
    std::optional<Held> waiting_;  // to be alone
    std::size_t claiming_ = 0;     // coroutines
    std::size_t settling_ = 0;     // coroutines
    bool is_draining_ = false;
    bool gives_up_ = false;  // on a broker that is away
    bool has_fault_ = false;
    int faults_ = 0;
    std::function<void()> on_drained_;

    struct ProgressTimer : runtime::Timer {
        explicit ProgressTimer(Runner& its_runner);
        Runner& runner;
    };
    ProgressTimer progress_timer_;
    bool is_sending_progress_ = false;
};

}  // namespace brio::tasks
