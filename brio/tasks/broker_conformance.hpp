// Test-only: what broker.hpp promises, as tests that every broker passes (conformance_*_test.cpp). A broker's
// own test makes them run on it:
//
//     INSTANTIATE_TEST_SUITE_P(Memory, BrokerConformance, testing::Values(BrokerKind{"memory", make}), kind);
#pragma once
#include <functional>
#include <memory>
#include <ostream>

#include <gtest/gtest.h>

#include <brio/runtime/run.hpp>
#include <brio/tasks/broker.hpp>
#include <brio/tasks/clocks.hpp>

namespace brio::tasks::test {

/// The clocks that a test moves by hand. Both begin somewhere: no broker may rest on where.
class ManualClocks {
public:
    Clocks clocks() {
        return {.monotonic = [this] { return std::chrono::nanoseconds(std::chrono::hours(50)) + passed_; },
                .wall = [this] { return now(); }};
    }
    Timestamp now() const { return Timestamp(begin_.microseconds + passed_.count()); }
    void pass(std::chrono::microseconds time) { passed_ += time; }

private:
    const Timestamp begin_{wall_now()};
    std::chrono::microseconds passed_{0};
};

/// A new and empty place for tasks, with brokers on it as two processes have them.
class BrokerUnderTest {
public:
    virtual ~BrokerUnderTest() = default;
    virtual Broker& one() = 0;
    virtual Broker& other() = 0;
    /// The brokers' clocks move on, and whatever else lets a result expire there.
    virtual void pass(std::chrono::milliseconds time) { clocks.pass(time); }
    ManualClocks clocks;
};

struct BrokerKind {
    std::string name;
    std::function<std::unique_ptr<BrokerUnderTest>()> make;
    friend void PrintTo(const BrokerKind& kind, std::ostream* out) { *out << kind.name; }
};
inline std::string name_of_kind(const testing::TestParamInfo<BrokerKind>& info) { return info.param.name; }

class BrokerConformance : public testing::TestWithParam<BrokerKind> {
protected:
    using Outcome = Settlement::Outcome;

    void SetUp() override {
        under_test = GetParam().make();
        beat("w1");
        beat("w2");
    }

    template <class T>
    T run(Async<T> call) {
        return runtime::run(loop, std::move(call));
    }
    Broker& one() { return under_test->one(); }
    Broker& other() { return under_test->other(); }
    Timestamp now() const { return under_test->clocks.now(); }
    Timestamp in(std::chrono::milliseconds time) const {
        return Timestamp(now().microseconds + std::chrono::microseconds(time).count());
    }

    Message message(std::string id, std::string queue = "q") const {
        Message made{.id = std::move(id), .name = "app.task", .queue = std::move(queue)};
        made.pushed_at = now();
        made.root_id = made.id;
        return made;
    }
    void push(Message pushed) {
        std::vector<Message> messages;
        messages.push_back(std::move(pushed));
        run(one().push(std::move(messages)));
    }
    void push(std::string id) { push(message(std::move(id))); }

    std::vector<Claim> claim(std::size_t most = 100, std::string worker = "w1",
                             std::vector<std::string> queues = {"q"}) {
        return run(one().claim({.worker = worker, .queues = queues, .most = most}));
    }
    /// The one that is there to be claimed.
    Claim claim_one(std::string worker = "w1") {
        auto claims = claim(1, std::move(worker));
        if (claims.size() != 1) {
            ADD_FAILURE() << "there is nothing to claim";
            return {};
        }
        return std::move(claims.front());
    }
    std::vector<std::string> claimed_ids(std::size_t most = 100, std::vector<std::string> queues = {"q"}) {
        std::vector<std::string> ids;
        for (const Claim& each : claim(most, "w1", std::move(queues))) {
            ids.push_back(each.message.id);
        }
        return ids;
    }
    bool settle(const Claim& claim, Settlement how, std::string worker = "w1") {
        how.held = {claim.message.id, claim.fence};
        std::vector<Settlement> all;
        all.push_back(std::move(how));
        const auto settled = run(one().settle(std::move(worker), std::move(all)));
        EXPECT_EQ(settled.size(), 1u);
        return settled.front();
    }
    /// Claims the one that is there and lets it fail for good.
    void let_fail(std::string id, std::string error = "it broke") {
        push(std::move(id));
        EXPECT_TRUE(settle(
            claim_one(),
            {.outcome = Outcome::failed, .error = std::move(error), .error_type = "std::runtime_error"}));
    }
    Status status(std::string id) { return run(one().status(std::move(id))); }
    State state(std::string id) { return status(std::move(id)).state; }
    BeatAnswer beat(const std::string& worker) {
        return run(one().beat({.id = worker, .host = "h", .pid = 7}));
    }

    static constexpr std::chrono::seconds lease{12};
    /// A lease passes in which only these beat; gives what `watcher` took back.
    std::vector<Status> pass_a_lease(Broker& watcher, std::vector<std::string> who_beats = {}) {
        std::vector<Status> back;
        for (int i = 0; i < 6; ++i) {
            for (const std::string& each : who_beats) {
                beat(each);
            }
            for (Status& each : run(watcher.recover(lease, 3))) {
                back.push_back(std::move(each));
            }
            under_test->pass(std::chrono::seconds(3));
        }
        return back;
    }
    std::optional<QueueStatus> queue(std::string_view name = "q") {
        for (QueueStatus& each : run(one().queues())) {
            if (each.name == name) {
                return each;
            }
        }
        return std::nullopt;
    }

    runtime::Loop loop;
    std::unique_ptr<BrokerUnderTest> under_test;
};

}  // namespace brio::tasks::test
