// The model against chance: schedules of pushes, claims, crashes, delays and settlements by a seed that is
// printed (BRIO_SEED repeats it), and after each step what must hold.
#include <cstdio>
#include <cstdlib>

#include <gtest/gtest.h>

#include <brio/base/random.hpp>
#include <brio/tasks/memory_tasks.hpp>

namespace brio::tasks::test {
namespace {

using Outcome = Settlement::Outcome;

#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr std::uint64_t schedules = 10'000;  // 20 times slower each
#else
constexpr std::uint64_t schedules = 200'000;
#endif

/// What one schedule knows: a few tasks, three workers of which each may be dead without knowing it.
class Schedule {
public:
    explicit Schedule(std::uint64_t seed) : random_(seed) {
        for (auto& worker : workers_) {
            start(worker);
        }
    }
    /// False when something that must hold does not.
    bool run() {
        const auto steps = 10 + random_.below(20);
        for (std::uint64_t i = 0; i < steps; ++i) {
            step();
            if (!holds()) {
                return false;
            }
        }
        return drain();
    }

private:
    struct Worker {
        std::string id;
        std::vector<Claim> holds;
    };
    struct Known {
        State last = State::unknown;
        int settled = 0;  // how often a settlement that ends it was taken
    };

    void start(Worker& worker) {
        worker.holds.clear();
        worker.id = "w";
        worker.id += std::to_string(++started_);
        tasks_.beat(worker.id);
    }
    Worker& some_worker() { return workers_[random_.below(workers_.size())]; }
    Timestamp now() const { return Timestamp(now_ms_ * 1000); }

    void step() {
        switch (random_.below(8)) {
            case 0:
            case 1: push(); break;
            case 2:
            case 3: claim(some_worker()); break;
            case 4:
            case 5: settle(some_worker()); break;
            case 6: start(some_worker()); break;  // it crashes: a new process comes in its place
            default: pass(); break;
        }
    }
    void push() {
        // A second push of the same, as of one whose acknowledgement was lost.
        std::string id = "t";
        id += std::to_string(random_.below(pushed_ + 2));
        pushed_ = std::max<std::uint64_t>(pushed_, known_.size() + 1);
        Message message{.id = id, .name = "n", .queue = random_.below(2) == 0 ? "a" : "b"};
        message.priority = static_cast<std::uint8_t>(random_.below(3));
        if (random_.below(3) == 0) {
            message.due = Timestamp(now().microseconds + static_cast<std::int64_t>(random_.below(5'000'000)));
        }
        tasks_.push({message}, now());
        known_.try_emplace(std::move(id));
    }
    void claim(Worker& worker) {
        for (Claim& each :
             tasks_.claim({.worker = worker.id, .queues = queues_, .most = 1 + random_.below(3)}, now())) {
            worker.holds.push_back(std::move(each));
        }
    }
    void settle(Worker& worker) {
        if (worker.holds.empty()) {
            return;
        }
        const Claim& claim = worker.holds[random_.below(worker.holds.size())];
        const std::array outcomes{Outcome::done, Outcome::done, Outcome::retried, Outcome::failed,
                                  Outcome::returned};
        Settlement how{.held = {claim.message.id, claim.fence}, .outcome = outcomes[random_.below(5)]};
        how.due = Timestamp(now().microseconds + 1'000'000);
        // Half of the time the answer is lost, and it is settled again with the same fence.
        const bool taken = tasks_.settle(worker.id, {how}, now()).front();
        const bool again = tasks_.settle(worker.id, {how}, now()).front();
        is_sound_ = is_sound_ && !again;
        const bool ends = how.outcome == Outcome::done || how.outcome == Outcome::failed;
        known_[claim.message.id].settled += taken && ends ? 1 : 0;
    }
    void pass() {
        now_ms_ += 1 + static_cast<std::int64_t>(random_.below(2000));
        for (auto& worker : workers_) {
            if (random_.below(4) != 0) {
                tasks_.beat(worker.id);
            }
        }
        tasks_.recover(watch_, std::chrono::milliseconds(now_ms_), std::chrono::seconds(3), 3, now());
    }

    /// Nothing is lost, nothing ends twice, what has ended stays so, who holds something is alive.
    bool holds() {
        for (auto& [id, known] : known_) {
            const auto found = tasks_.tasks().find(id);
            if (found == tasks_.tasks().end() || known.settled > 1) {
                return false;
            }
            const auto& task = found->second;
            if (is_final(known.last) && task.state != known.last) {
                return false;
            }
            if (task.state == State::running && !tasks_.is_alive(task.worker)) {
                return false;
            }
            known.last = task.state;
        }
        return is_sound_;
    }

    /// The workers go on without crashes: everything ends.
    bool drain() {
        for (int round = 0; round < 200; ++round) {
            bool all_ended = true;
            for (const auto& [id, known] : known_) {
                all_ended = all_ended && is_final(tasks_.status(id, now()).state);
            }
            if (all_ended) {
                return holds();
            }
            now_ms_ += 900;
            tasks_.beat("last");
            tasks_.recover(watch_, std::chrono::milliseconds(now_ms_), std::chrono::seconds(3), 3, now());
            for (const Claim& each : tasks_.claim({.worker = "last", .queues = queues_, .most = 10}, now())) {
                const Settlement done{.held = {each.message.id, each.fence}};
                if (!tasks_.settle("last", {done}, now()).front()) {
                    return false;
                }
            }
        }
        return false;
    }

    Random random_;
    MemoryTasks tasks_;
    Standstills watch_;
    std::array<Worker, 3> workers_;
    std::map<std::string, Known> known_;
    const std::vector<std::string> queues_{"a", "b"};
    std::int64_t now_ms_ = 1'000'000;
    std::uint64_t pushed_ = 0;
    int started_ = 0;
    bool is_sound_ = true;
};

/// A million schedules in five parts, which may run side by side.
class Simulation : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(, Simulation, testing::Range(0, 5));

TEST_P(Simulation, NothingIsLostAndNothingEndsTwiceWhateverCrashes) {
    const char* given = std::getenv("BRIO_SEED");
    const std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : thread_random()();
    std::printf("BRIO_SEED=%llu\n", static_cast<unsigned long long>(seed));
    for (std::uint64_t i = 0; i < schedules; ++i) {
        ASSERT_TRUE(Schedule(seed + i).run()) << "repeat it with BRIO_SEED=" << seed + i;
    }
}

}  // namespace
}  // namespace brio::tasks::test
