// One thread of a load test: an event loop, its share of the connections, and the users that run on it.
//
// Closed model: set_users() says how many of each type there are; each goes round by itself. Open models:
// Arrivals say when a task begins, and a user that has nothing to do takes it; users are made as they are
// needed, up to a limit, beyond which an arrival is dropped and counted.
#pragma once
#include <atomic>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <vector>

#include <brio/load/arrivals.hpp>
#include <brio/load/connections.hpp>
#include <brio/load/plan.hpp>
#include <brio/load/record.hpp>
#include <brio/load/scenario.hpp>
#include <brio/load/session.hpp>
#include <brio/load/virtual_user.hpp>
#include <brio/runtime/loop.hpp>

namespace brio::load {

struct GeneratorOptions {
    const Plan& plan;
    const Scenario& scenario;
    const Origin& origin;
    ConnectionOptions connections;
    Arrivals::Thread thread;
    std::size_t users;                     // at most, of the open models
    std::chrono::nanoseconds counts_from;  // monotonic: where the first stage begins
};

class Generator final : UserKeeper {
public:
    explicit Generator(GeneratorOptions options);
    Generator(const Generator&) = delete;
    Generator& operator=(const Generator&) = delete;
    ~Generator();

    /// Runs the loop on the calling thread until quit().
    void run();

    /// The rest is for other threads, while run() runs; each waits for the loop.
    /// Of each type so many users from now on; those that are too many end after their task.
    void set_users(const std::vector<std::size_t>& counts);
    /// Begins with the plan's arrivals.
    void begin_arrivals();
    Record take();
    /// Counts nothing that begins from now on.
    void stop_counting();
    /// No task begins any more, users that rest end, those with a request under way when it has ended.
    void end();
    /// What is still under way ends without an answer.
    void give_up();
    void quit();
    /// Users that are there; of the open models those at work. Does not wait.
    std::size_t users() const noexcept { return users_at_work_.load(std::memory_order_relaxed); }
    /// None are left, at work or not. Does not wait.
    bool is_empty() const noexcept { return is_empty_.load(std::memory_order_acquire); }

private:
    struct ArrivalTimer;
    struct Sweep;

    void idle(VirtualUser& user) override;
    void ended(VirtualUser& user) override;
    template <class Step>
    void call(Step step);
    void adjust();
    void spawn_missing();
    VirtualUser& spawn(std::size_t type);
    void retire(VirtualUser& user);
    void sweep();
    void arrive_all();
    void arrive(std::chrono::nanoseconds due);
    std::size_t choose_type();

    const GeneratorOptions options_;
    runtime::Loop loop_;
    Counting counting_;
    Record record_;
    Connections connections_;
    Random random_;
    std::vector<std::unique_ptr<VirtualUser>> users_;
    std::vector<std::unique_ptr<VirtualUser>> ended_;
    std::vector<std::size_t> wanted_;              // of each type
    std::vector<std::size_t> present_;             // of each type, without those that leave
    std::vector<std::vector<VirtualUser*>> idle_;  // open models: of each type, those without a task
    std::unique_ptr<ArrivalTimer> arrivals_;
    std::unique_ptr<Sweep> sweep_;
    std::uint64_t next_number_;
    std::uint64_t connections_opened_ = 0;  // of those that take() gave already
    std::atomic<std::size_t> users_at_work_{0};
    std::atomic<bool> is_empty_{true};
};

}  // namespace brio::load
