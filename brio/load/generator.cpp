#include <brio/load/generator.hpp>

#include <sys/prctl.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include <brio/base/clock.hpp>

namespace brio::load {

using std::chrono::nanoseconds;

namespace {

// So many users are made in one turn, so that those that are there already are not kept waiting.
constexpr std::size_t most_made_in_a_turn = 500;

}  // namespace

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
            if (user.type_number == type && !user.is_leaving()) {
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
            spawn(type).go_round();
            ++made;
        }
    }
}

VirtualUser& Generator::spawn(std::size_t type) {
    Session session{.connections = connections_,
                    .record = record_,
                    .origin = options_.origin,
                    .counting = counting_,
                    .random = Random(random_()),
                    .number = next_number_};
    next_number_ += options_.thread.of;
    auto& user = *users_.emplace_back(std::make_unique<VirtualUser>(
        static_cast<UserKeeper&>(*this), loop_, options_.scenario.types[type], std::move(session)));
    user.type_number = type;
    user.at = users_.size() - 1;
    ++present_[type];
    users_at_work_.fetch_add(1, std::memory_order_relaxed);
    is_empty_.store(false, std::memory_order_release);
    return user;
}

void Generator::retire(VirtualUser& user) {
    auto const type = user.type_number;
    if (!user.is_leaving()) {
        --present_[type];
        user.leave();
    }
}

void Generator::idle(VirtualUser& user) {
    users_at_work_.fetch_sub(1, std::memory_order_relaxed);
    idle_[user.type_number].push_back(&user);
}

void Generator::ended(VirtualUser& user) {
    auto const type = user.type_number;
    if (!user.is_leaving()) {  // on_start failed: another one would fail too
        --present_[type];
        wanted_[type] -= wanted_[type] > present_[type] ? 1 : 0;
    }
    if (!options_.plan.is_open() || !user.is_leaving()) {
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
        users_at_work_.fetch_add(1, std::memory_order_relaxed);
        user.call(due);
    } else if (users_.size() < options_.users) {
        spawn(type).serve(due);
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

}  // namespace brio::load
