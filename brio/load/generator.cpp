#include <brio/load/generator.hpp>

#include <sys/prctl.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include <brio/base/clock.hpp>
#include <brio/runtime/work.hpp>

namespace brio::load {

using std::chrono::nanoseconds;

namespace {

// After a refused connection, or a task that asked for nothing: a user without a wait would keep the loop
// from its work.
constexpr nanoseconds shortest_rest = std::chrono::milliseconds(10);
// So many users are made in one turn, so that those that are there already are not kept waiting.
constexpr std::size_t most_made_in_a_turn = 500;

}  // namespace

struct Generator::User {
    User(Generator& its_owner, std::size_t its_type, Random random, std::uint64_t number)
        : owner(its_owner),
          type(its_owner.options_.scenario.types[its_type]),
          type_number(its_type),
          session{.connections = its_owner.connections_,
                  .record = its_owner.record_,
                  .origin = its_owner.options_.origin,
                  .counting = its_owner.counting_,
                  .random = random,
                  .number = number},
          script(type.make()) {
        work.loop = &its_owner.loop_;
        work.name = type.name;
    }

    Generator& owner;
    const UserType& type;
    std::size_t type_number;
    std::size_t at = 0;  // in users_
    runtime::Work work;
    Session session;
    std::unique_ptr<AnyUser> script;
    Async<void> life;
    Rest* resting = nullptr;
    bool is_leaving = false;
    nanoseconds due{};  // open models: of the task it was called for
};

// `co_await Rest(user, due)`: until then, or until the user is to leave; without `due` until it is called.
struct Generator::Rest : runtime::Timer {
    Rest(User& its_user, std::optional<nanoseconds> until)
        : Timer([](Timer& timer) { static_cast<Rest&>(timer).end(); }),
          user(its_user),
          due(until) {}

    bool await_ready() const noexcept { return user.is_leaving; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> handle) {
        waiting = handle;
        user.resting = this;
        if (due) {
            user.owner.loop_.arm_at(*this, *due);
        }
    }
    void await_resume() const noexcept {}
    void end() {
        cancel();
        user.resting = nullptr;
        waiting.resume();
    }

    User& user;
    std::optional<nanoseconds> due;
    runtime::Waiting waiting;
};

struct Generator::ArrivalTimer : runtime::Timer {
    explicit ArrivalTimer(Generator& generator)
        : Timer([](Timer& timer) { static_cast<ArrivalTimer&>(timer).owner.arrive_all(); }),
          owner(generator),
          arrivals(generator.options_.plan, generator.options_.thread),
          next(arrivals.next()) {}

    Generator& owner;
    Arrivals arrivals;
    std::optional<nanoseconds> next;  // since the first stage's begin
};

// Destroys users that have ended once nothing of them runs any more, and makes those that are still missing.
struct Generator::Sweep : runtime::TurnHook {
    explicit Sweep(Generator& generator)
        : TurnHook([](TurnHook& hook) { static_cast<Sweep&>(hook).owner.sweep(); }),
          owner(generator) {}
    Generator& owner;
};

Generator::Generator(GeneratorOptions options)
    : options_(std::move(options)),
      loop_(runtime::Loop::Time::exact),
      counting_{.from = options_.counts_from},
      connections_(loop_, options_.connections),
      random_(options_.plan.seed * 0x2545f4914f6cdd1dU + options_.thread.number),
      wanted_(options_.scenario.types.size()),
      present_(options_.scenario.types.size()),
      idle_(options_.scenario.types.size()),
      sweep_(std::make_unique<Sweep>(*this)),
      next_number_(options_.thread.number) {}

Generator::~Generator() = default;

void Generator::run() {
    ::prctl(PR_SET_TIMERSLACK, 1UL);
    loop_.run();
}

// Runs `step` on the loop's thread and waits for it.
template <class Step>
void Generator::call(Step step) {
    struct Call : runtime::Posted {
        explicit Call(Step& to_run)
            : Posted([](Posted& posted) {
                  auto& self = static_cast<Call&>(posted);
                  self.step();
                  std::lock_guard const lock(self.mutex);
                  self.is_done = true;
                  self.done.notify_one();
              }),
              step(to_run) {}
        Step& step;
        std::mutex mutex;
        std::condition_variable done;
        bool is_done = false;
    } posted(step);
    loop_.post(posted);
    std::unique_lock lock(posted.mutex);
    posted.done.wait(lock, [&] { return posted.is_done; });
}

void Generator::set_users(const std::vector<std::size_t>& counts) {
    call([&] {
        wanted_ = counts;
        adjust();
    });
}

void Generator::begin_arrivals() {
    call([&] {
        arrivals_ = std::make_unique<ArrivalTimer>(*this);
        loop_.refresh_now();
        arrive_all();
    });
}

Record Generator::take() {
    Record taken;
    call([&] {
        taken = record_.take();
        taken.connections_opened = connections_.opened() - connections_opened_;
        connections_opened_ = connections_.opened();
    });
    return taken;
}

void Generator::stop_counting() {
    call([&] { counting_.until = monotonic_now(); });
}

void Generator::end() {
    call([&] {
        is_over_ = true;
        arrivals_.reset();
        wanted_.assign(wanted_.size(), 0);
        for (auto i = users_.size(); i-- > 0;) {
            retire(*users_[i]);
        }
    });
}

void Generator::give_up() {
    call([&] { connections_.fail_all(Missing::unfinished); });
}

void Generator::quit() { loop_.stop(); }

// Those that leave are the youngest of their type.
void Generator::adjust() {
    for (std::size_t type = 0; type < wanted_.size(); ++type) {
        for (auto i = users_.size(); present_[type] > wanted_[type] && i-- > 0;) {
            auto& user = *users_[i];
            if (user.type_number == type && !user.is_leaving) {
                retire(user);
            }
        }
    }
    spawn_missing();
}

void Generator::spawn_missing() {
    std::size_t made = 0;
    for (std::size_t type = 0; type < wanted_.size(); ++type) {
        while (present_[type] < wanted_[type]) {
            if (made == most_made_in_a_turn) {
                loop_.at_turn_end(*sweep_);
                return;
            }
            auto& user = spawn(type);
            user.life = live(user);
            user.life.start(
                user.work,
                [](void* context) {
                    auto& done = *static_cast<User*>(context);
                    done.owner.ended(done);
                },
                &user);
            ++made;
        }
    }
}

Generator::User& Generator::spawn(std::size_t type) {
    auto& user = *users_.emplace_back(std::make_unique<User>(*this, type, Random(random_()), next_number_));
    next_number_ += options_.thread.of;
    user.at = users_.size() - 1;
    ++present_[type];
    if (!options_.plan.is_open()) {
        users_at_work_.fetch_add(1, std::memory_order_relaxed);
    }
    is_empty_.store(false, std::memory_order_release);
    return user;
}

// A user that rests ends now; one that works ends after its task, and what it waits for itself ends.
void Generator::retire(User& user) {
    if (std::exchange(user.is_leaving, true)) {
        return;
    }
    --present_[user.type_number];
    if (user.resting != nullptr) {
        user.resting->end();
    } else {
        user.work.stop(runtime::StopReason::shutdown);
    }
}

void Generator::ended(User& user) {
    if (!user.is_leaving) {  // on_start failed
        --present_[user.type_number];
        user.is_leaving = true;
        wanted_[user.type_number] -= wanted_[user.type_number] > present_[user.type_number] ? 1 : 0;
    }
    if (!options_.plan.is_open()) {
        users_at_work_.fetch_sub(1, std::memory_order_relaxed);
    }
    auto const at = user.at;
    ended_.push_back(std::move(users_[at]));
    if (at + 1 < users_.size()) {
        users_[at] = std::move(users_.back());
        users_[at]->at = at;
    }
    users_.pop_back();
    loop_.at_turn_end(*sweep_);
}

void Generator::sweep() {
    ended_.clear();
    is_empty_.store(users_.empty(), std::memory_order_release);
    if (!options_.plan.is_open()) {
        spawn_missing();
    }
}

void Generator::arrive_all() {
    auto const now = monotonic_now();
    auto& next = arrivals_->next;
    while (next && counting_.from + *next <= now) {
        arrive(counting_.from + *next);
        next = arrivals_->arrivals.next();
    }
    if (next) {
        loop_.arm_at(*arrivals_, counting_.from + *next);
    }
}

void Generator::arrive(nanoseconds due) {
    auto const type = choose_type();
    auto& idle = idle_[type];
    if (!idle.empty()) {
        auto& user = *idle.back();
        idle.pop_back();
        user.due = due;
        user.resting->end();
    } else if (users_.size() < options_.users) {
        auto& user = spawn(type);
        user.due = due;
        user.life = serve_arrivals(user);
        user.life.start(
            user.work,
            [](void* context) {
                auto& done = *static_cast<User*>(context);
                done.owner.ended(done);
            },
            &user);
    } else if (counting_.has(due)) {
        ++record_.dropped;
    }
}

std::size_t Generator::choose_type() {
    auto const& types = options_.scenario.types;
    if (types.size() == 1) {
        return 0;
    }
    double whole = 0;
    for (auto const& each : types) {
        whole += each.share;
    }
    auto at = random_.uniform() * whole;
    for (std::size_t i = 0; i + 1 < types.size(); ++i) {
        at -= types[i].share;
        if (at < 0) {
            return i;
        }
    }
    return types.size() - 1;
}

Async<void> Generator::live(User& user) {
    if (!co_await begin(user)) {
        co_return;
    }
    auto due = monotonic_now() + user.type.wait.first(user.session.random);
    while (!user.is_leaving) {
        auto const rests = due > monotonic_now();
        if (rests) {
            co_await Rest(user, due);
            if (user.is_leaving) {
                break;
            }
        }
        auto const requests = user.session.requests;
        co_await run_task(user, due, rests || user.type.wait.is_pace());
        auto const now = monotonic_now();
        due = user.type.wait.next(due, now, user.session.random);
        if (user.session.requests == requests || user.session.is_refused) {
            due = std::max(due, now + shortest_rest);
        }
    }
    co_await finish(user);
}

Async<void> Generator::serve_arrivals(User& user) {
    if (!co_await begin(user)) {
        co_return;
    }
    while (!user.is_leaving) {
        users_at_work_.fetch_add(1, std::memory_order_relaxed);
        co_await run_task(user, user.due, true);
        users_at_work_.fetch_sub(1, std::memory_order_relaxed);
        if (!user.is_leaving) {
            idle_[user.type_number].push_back(&user);
            co_await Rest(user, std::nullopt);
        }
    }
    co_await finish(user);
}

// False when it failed: the user is of no use then.
Async<bool> Generator::begin(User& user) {
    if (!user.type.has_start) {
        co_return true;
    }
    try {
        co_await user.script->start(Client(user.session));
        co_return true;
    } catch (const runtime::Cancelled&) {
    } catch (const std::exception& error) {
        record_.user_error(user.type.name + " on_start", error.what());
    }
    co_return false;
}

// `is_planned`: it was to begin at `due`, else whenever the last one ended.
Async<void> Generator::run_task(User& user, nanoseconds due, bool is_planned) {
    auto const now = monotonic_now();
    auto const begins = is_planned ? due : now;
    auto const counts = counting_.has(begins);
    if (counts) {
        ++record_.started;
        if (is_planned) {
            record_.lateness(static_cast<std::uint64_t>(std::max(now - due, nanoseconds(0)).count()));
        }
    }
    user.session.intended = begins;
    auto const task = user.type.choose(user.session.random);
    try {
        co_await user.script->run(task, Client(user.session));
    } catch (const runtime::Cancelled&) {  // the run is over
    } catch (const std::exception& error) {
        if (counts) {
            record_.user_error(user.type.tasks[task].name, error.what());
        }
    }
}

Async<void> Generator::finish(User& user) {
    if (!user.type.has_stop) {
        co_return;
    }
    user.work.stopped = runtime::StopReason::none;  // its last steps may wait
    user.session.intended.reset();
    try {
        co_await user.script->stop(Client(user.session));
    } catch (const std::exception& error) {
        record_.user_error(user.type.name + " on_stop", error.what());
    }
}

}  // namespace brio::load
