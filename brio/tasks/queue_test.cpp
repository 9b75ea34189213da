#include <brio/tasks/queue.hpp>

#include <gtest/gtest.h>

#include <brio/runtime/run.hpp>
#include <brio/tasks/give.hpp>
#include <brio/tasks/provide.hpp>

namespace brio::tasks {
namespace {

using namespace std::chrono_literals;

struct Summarize {
    std::int64_t resource_id;
    std::string words;
    static constexpr Policy policy{.name = "app.worker.summarize", .priority = 3, .deadline = 2s};
};
struct Urgent {
    int id;
    static constexpr Policy policy{.name = "app.worker.urgent", .queue = "own-queue"};
};

struct Summary {
    std::int64_t of;
    double done;
    int failures;
};
Async<Summary> summarize(Summarize task, Progress progress, Attempt attempt) {
    progress(0.5, "half");
    co_return Summary{task.resource_id, 1, attempt.failures};
}
void hurry(Urgent) {}

/// Takes what is pushed and does nothing with it.
class Recorder final : public Broker {
public:
    std::vector<Message> pushed;

    Async<void> push(std::vector<Message> messages) override {
        for (Message& each : messages) {
            pushed.push_back(std::move(each));
        }
        co_return;
    }
    Async<Status> status(std::string id) override { co_return Status{.id = std::move(id)}; }
    Async<bool> revoke(std::string) override { co_return false; }
    Async<std::vector<Claim>> claim(ClaimRequest) override { co_return std::vector<Claim>(); }
    Async<std::vector<bool>> settle(std::string, std::vector<Settlement>) override {
        co_return std::vector<bool>();
    }
    Async<void> report_progress(Held, double, std::string) override { co_return; }
    Async<BeatAnswer> beat(const WorkerId&) override { co_return BeatAnswer{}; }
    Async<std::vector<Held>> held_by(std::string) override { co_return std::vector<Held>(); }
    Async<void> leave(std::string) override { co_return; }
    Async<std::vector<Status>> recover(std::chrono::milliseconds, int) override {
        co_return std::vector<Status>();
    }
    Async<void> tell_death(std::vector<Held>, std::string) override { co_return; }
    Async<std::vector<std::vector<PartEnd>>> join(std::vector<PartEnd>) override {
        co_return std::vector<std::vector<PartEnd>>();
    }
    Async<void> forget_group(std::string) override { co_return; }
    Async<void> bury(std::vector<Message>, std::string) override { co_return; }
    Async<void> wait(std::span<const std::string>, std::chrono::milliseconds) override { co_return; }
    Async<std::vector<QueueStatus>> queues() override { co_return std::vector<QueueStatus>(); }
    Async<std::vector<Status>> dead(DeadFilter) override { co_return std::vector<Status>(); }
    Async<std::uint64_t> retry_dead(std::vector<std::string>) override { co_return 0; }
    Async<std::uint64_t> drop_dead(std::vector<std::string>) override { co_return 0; }
    Async<std::vector<Status>> trim_dead(std::string, std::size_t, std::size_t) override {
        co_return std::vector<Status>();
    }
    Async<void> pause(std::string, bool) override { co_return; }
    Async<std::uint64_t> purge(std::string) override { co_return 0; }
    Async<std::vector<Status>> list(std::optional<State>, std::size_t) override {
        co_return std::vector<Status>();
    }
    Async<std::uint64_t> sweep(std::size_t) override { co_return 0; }
    Async<bool> lead(std::string, std::string, std::chrono::milliseconds) override { co_return true; }
    Async<std::optional<std::string>> exchange(std::string, std::optional<std::string>,
                                               std::string to) override {
        co_return to;
    }
    Async<Durability> durability() override { co_return Durability{}; }
    std::string words() const override { return "a recorder"; }
    void each_limit(const std::function<void(runtime::Limit&)>&) override {}
};

class Reported final : public ProgressReporter {
public:
    void report(double done, std::string words) override {
        last = done;
        last_words = std::move(words);
    }
    double last = 0;
    std::string last_words;
};

class QueueTest : public testing::Test {
protected:
    template <class T>
    T run(Async<T> call) {
        return runtime::run(loop, std::move(call));
    }
    std::string run_task(Message message) {
        Reported reported;
        runtime::Work work;
        work.loop = &loop;
        TaskContext context{message, services, work, tasks, reported};
        const auto& definition = *tasks.find(message.name);
        auto result = run(definition.run(definition, context));
        progress = reported.last;
        return result;
    }

    runtime::Loop loop;
    metrics::Registry registry;
    TaskSet set{{define(summarize), define(hurry)}, TaskRoutes({{"app.worker.*", "main"}, {"*", "rest"}})};
    Recorder broker;
    Tasks tasks{set, broker, registry};
    http::Services services;
    Queue queue{tasks,
                {.trace = {.parent = "00-1-2-01", .state = "a=1"}, .root_id = "root", .parent_id = "parent"}};
    double progress = 0;
};

TEST_F(QueueTest, AStructTravelsByTheNamesOfItsFields) {
    const auto id = run(queue.push(Summarize{7, "a"}));
    ASSERT_EQ(broker.pushed.size(), 1u);
    const Message& message = broker.pushed.front();
    EXPECT_EQ(message.id, id);
    EXPECT_EQ(id.size(), 36u);
    EXPECT_EQ(message.name, "app.worker.summarize");
    EXPECT_EQ(message.kwargs, R"({"resource_id":7,"words":"a"})");
    EXPECT_EQ(message.args, "[]");
    EXPECT_EQ(message.priority, 3);
    EXPECT_EQ(message.trace, (Trace{.parent = "00-1-2-01", .state = "a=1"}));
    EXPECT_EQ(message.root_id, "root");
    EXPECT_EQ(message.parent_id, "parent");
    EXPECT_FALSE(message.due);
}

TEST_F(QueueTest, APolicysOwnQueueIsBeforeTheRoutesAndTheCallersBeforeBoth) {
    run(queue.push(Summarize{1, ""}));
    run(queue.push(Urgent{1}));
    run(queue.push(Urgent{1}, {.queue = "callers"}));
    run(queue.push_named("elsewhere.task", "[1]", "{}"));
    EXPECT_EQ(broker.pushed[0].queue, "main");
    EXPECT_EQ(broker.pushed[1].queue, "own-queue");
    EXPECT_EQ(broker.pushed[2].queue, "callers");
    EXPECT_EQ(broker.pushed[3].queue, "rest");
    EXPECT_EQ(broker.pushed[3].args, "[1]");
}

TEST_F(QueueTest, TimesAreCountedFromNow) {
    run(queue.push(Urgent{1}, {.in = 5s, .expires = 10s}));
    const Message& message = broker.pushed.front();
    EXPECT_EQ(message.due->microseconds - message.pushed_at.microseconds, 5'000'000);
    EXPECT_EQ(message.expires->microseconds - message.pushed_at.microseconds, 10'000'000);
    run(queue.push_at(Timestamp(77), Urgent{1}));
    EXPECT_EQ(broker.pushed.back().due, Timestamp(77));
}

TEST_F(QueueTest, ManyArePushedTogetherInOrder) {
    const auto ids = run(queue.push_all(std::vector<Urgent>{{1}, {2}, {3}}));
    ASSERT_EQ(ids.size(), 3u);
    EXPECT_EQ(broker.pushed[2].id, ids[2]);
    EXPECT_EQ(broker.pushed[2].kwargs, R"({"id":3})");
}

TEST_F(QueueTest, ATaskIsRunWithWhatItsFunctionTakes) {
    run(queue.push(Summarize{7, "a"}));
    Message message = broker.pushed.front();
    message.failures = 2;
    EXPECT_EQ(run_task(message), R"({"of":7,"done":1,"failures":2})");
    EXPECT_EQ(progress, 0.5);
    run(queue.push(Urgent{1}));
    EXPECT_EQ(run_task(broker.pushed.back()), "null");
}

TEST_F(QueueTest, APayloadThatIsNotTheTasksIsNoUseToTryAgain) {
    Message message;
    message.name = "app.worker.summarize";
    message.kwargs = R"({"resource_id":"seven"})";
    EXPECT_THROW(run_task(message), Permanent);
    EXPECT_FALSE(tasks.find(message.name)->check(message));
}

TEST_F(QueueTest, DeadlinesComeFromTheMessageThePolicyOrTheGoal) {
    Message message;
    EXPECT_EQ(tasks.deadline_of(message, Summarize::policy), 2s);
    EXPECT_EQ(tasks.hard_deadline_of(message, Summarize::policy), 2'400ms);
    EXPECT_EQ(tasks.deadline_of(message, Urgent::policy), 50s);
    message.deadline = 100ms;
    EXPECT_EQ(tasks.deadline_of(message, Summarize::policy), 100ms);
    EXPECT_EQ(tasks.hard_deadline_of(message, Summarize::policy), 120ms);
}

}  // namespace
}  // namespace brio::tasks
