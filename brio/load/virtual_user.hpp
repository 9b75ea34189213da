// One user while it runs: goes round its tasks with waits between them (closed model), or takes an arrival
// when it is called (open models).
#pragma once
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>

#include <brio/load/scenario.hpp>
#include <brio/load/session.hpp>
#include <brio/runtime/async.hpp>
#include <brio/runtime/loop.hpp>
#include <brio/runtime/timers.hpp>
#include <brio/runtime/work.hpp>

namespace brio::load {

/// Who keeps users. Neither function destroys the user: it still runs.
class UserKeeper {
public:
    /// It has no task and waits to be called.
    virtual void idle(class VirtualUser& user) = 0;
    /// It has ended for good.
    virtual void ended(VirtualUser& user) = 0;

protected:
    ~UserKeeper() = default;
};

class VirtualUser {
public:
    /// Keeper, loop and type outlive it.
    VirtualUser(UserKeeper& keeper, runtime::Loop& loop, const UserType& type, Session session);
    VirtualUser(const VirtualUser&) = delete;
    VirtualUser& operator=(const VirtualUser&) = delete;

    /// Begins; it goes round until it is to leave.
    void go_round();
    /// Begins, with a first task that was meant to begin at `due`; then it is idle, again and again.
    void serve(std::chrono::nanoseconds due);
    /// Of one that is idle: the next task.
    void call(std::chrono::nanoseconds due);
    /// It ends: at once when it rests or is idle, else after its task, whose own waits end. Gives whether it
    /// was not leaving already.
    bool leave();
    bool is_leaving() const noexcept { return is_leaving_; }

    std::size_t type_number = 0;  // the keeper's notes
    std::size_t at = 0;

private:
    struct Rest;

    void start(Async<void> life);
    Async<void> rounds();
    Async<void> arrivals();
    Async<bool> begin();
    Async<void> run_task(std::chrono::nanoseconds due, bool is_planned);
    Async<void> finish();

    UserKeeper& keeper_;
    const UserType& type_;
    runtime::Work work_;
    Session session_;
    std::unique_ptr<AnyUser> script_;
    Async<void> life_;
    Rest* resting_ = nullptr;
    bool is_leaving_ = false;
    std::chrono::nanoseconds due_{};
};

}  // namespace brio::load
