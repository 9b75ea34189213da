#include <brio/load/virtual_user.hpp>

#include <algorithm>
#include <utility>

#include <brio/base/clock.hpp>
#include <brio/runtime/running.hpp>

namespace brio::load {

using std::chrono::nanoseconds;

namespace {

// After a refused connection, or a task that asked for nothing: a user without a wait would keep the loop
// from its work.
constexpr nanoseconds shortest_rest = std::chrono::milliseconds(10);

}  // namespace

// `co_await Rest(user, due)`: until then, or until the user is to leave; without `due` until it is called.
struct VirtualUser::Rest : runtime::Timer {
    Rest(VirtualUser& its_user, std::optional<nanoseconds> until)
        : Timer([](Timer& timer) { static_cast<Rest&>(timer).end(); }),
          user(its_user),
          due(until) {}

    bool await_ready() const noexcept { return user.is_leaving_; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> handle) {
        waiting = handle;
        user.resting_ = this;
        if (due) {
            user.work_.loop->arm_at(*this, *due);
        }
    }
    void await_resume() const noexcept {}
    void end() {
        cancel();
        user.resting_ = nullptr;
        waiting.resume();
    }

    VirtualUser& user;
    std::optional<nanoseconds> due;
    runtime::Waiting waiting;
};

VirtualUser::VirtualUser(UserKeeper& keeper, runtime::Loop& loop, const UserType& type, Session session)
    : keeper_(keeper),
      type_(type),
      session_(std::move(session)),
      script_(type.make()) {
    work_.loop = &loop;
    work_.name = type.name;
}

void VirtualUser::start(Async<void> life) {
    life_ = std::move(life);
    life_.start(
        work_,
        [](void* context) {
            auto& user = *static_cast<VirtualUser*>(context);
            user.keeper_.ended(user);
        },
        this);
}

void VirtualUser::go_round() { start(rounds()); }

void VirtualUser::serve(nanoseconds due) {
    due_ = due;
    start(arrivals());
}

void VirtualUser::call(nanoseconds due) {
    due_ = due;
    resting_->end();
}

bool VirtualUser::leave() {
    if (std::exchange(is_leaving_, true)) {
        return false;
    }
    if (resting_ != nullptr) {
        resting_->end();
    } else {
        work_.stop(runtime::StopReason::shutdown);
    }
    return true;
}

Async<void> VirtualUser::rounds() {
    if (!co_await begin()) {
        co_return;
    }
    auto due = monotonic_now() + type_.wait.first(session_.random);
    while (!is_leaving_) {
        auto const rests = due > monotonic_now();
        if (rests) {
            co_await Rest(*this, due);
            if (is_leaving_) {
                break;
            }
        }
        auto const requests = session_.requests;
        co_await run_task(due, rests || type_.wait.is_pace());
        auto const now = monotonic_now();
        due = type_.wait.next(due, now, session_.random);
        if (session_.requests == requests || session_.is_refused) {
            due = std::max(due, now + shortest_rest);
        }
    }
    co_await finish();
}

Async<void> VirtualUser::arrivals() {
    if (!co_await begin()) {
        co_return;
    }
    while (!is_leaving_) {
        co_await run_task(due_, true);
        if (!is_leaving_) {
            keeper_.idle(*this);
            co_await Rest(*this, std::nullopt);
        }
    }
    co_await finish();
}

// False when it failed: the user is of no use then.
Async<bool> VirtualUser::begin() {
    if (!type_.has_start) {
        co_return true;
    }
    try {
        co_await script_->start(Client(session_));
        co_return true;
    } catch (const runtime::Cancelled&) {  // the run is over
    } catch (const std::exception& error) {
        session_.record.user_error(type_.name + " on_start", error.what());
    }
    co_return false;
}

// `is_planned`: it was to begin at `due`, else whenever the last one had ended.
Async<void> VirtualUser::run_task(nanoseconds due, bool is_planned) {
    auto const now = monotonic_now();
    auto const begins = is_planned ? due : now;
    auto const counts = session_.counting.has(begins);
    if (counts) {
        ++session_.record.started;
        if (is_planned) {
            session_.record.lateness(static_cast<std::uint64_t>(std::max(now - due, nanoseconds(0)).count()));
        }
    }
    session_.intended = begins;
    auto const task = type_.choose(session_.random);
    try {
        co_await script_->run(task, Client(session_));
    } catch (const runtime::Cancelled&) {  // the run is over
    } catch (const std::exception& error) {
        if (counts) {
            session_.record.user_error(type_.tasks[task].name, error.what());
        }
    }
}

Async<void> VirtualUser::finish() {
    if (!type_.has_stop) {
        co_return;
    }
    work_.stopped = runtime::StopReason::none;  // its last steps may wait
    session_.intended.reset();
    try {
        co_await script_->stop(Client(session_));
    } catch (const std::exception& error) {
        session_.record.user_error(type_.name + " on_stop", error.what());
    }
}

}  // namespace brio::load
