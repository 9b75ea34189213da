#include <brio/app/task_routes.hpp>

#include <gtest/gtest.h>

#include <brio/runtime/run.hpp>
#include <brio/tasks/give.hpp>
#include <brio/tasks/memory_broker.hpp>
#include <brio/tasks/queue.hpp>
#include <brio/testing/client.hpp>

namespace brio::app {
namespace {

using namespace std::chrono_literals;
using tasks::State;

struct Tidy {
    int days = 7;
    static constexpr tasks::Policy policy{.name = "tidy", .queue = "night"};
};
void tidy(Tidy) {}

class TaskRoutesTest : public ::testing::Test {
protected:
    TaskRoutesTest() {
        schedule.cron("nightly", "0 3 * * *", Tidy{.days = 3}, {.zone = "Europe/Berlin"});
        add_task_routes(router, tasks, schedule);
        client.emplace(loop, router, services);
    }

    template <class T>
    T call(Async<T> what) {
        return runtime::run(loop, std::move(what));
    }
    std::string push() { return call(tasks::Queue(tasks).push(Tidy{})); }
    tasks::Claim claim() {
        call(broker.beat({.id = "worker"}));
        const std::vector<std::string> queues{"night"};
        return call(broker.claim({.worker = "worker", .queues = queues})).at(0);
    }
    std::string push_dead() {
        auto id = push();
        const auto claimed = claim();
        std::vector<tasks::Settlement> one{{.held = {claimed.message.id, claimed.fence},
                                            .outcome = tasks::Settlement::Outcome::failed,
                                            .result = {},
                                            .error = "no \"disk\"",
                                            .error_type = "std::runtime_error"}};
        EXPECT_EQ(call(broker.settle("worker", std::move(one))), std::vector<bool>{true});
        return id;
    }
    testing::Answer post(std::string_view target) { return client->send("POST", target); }
    State state_of(const std::string& id) { return call(broker.status(id)).state; }

    runtime::Loop loop;
    metrics::Registry registry;
    tasks::TaskSet set{{tasks::define(tidy)}, {}};
    tasks::test::MemoryStore store;
    tasks::test::MemoryBroker broker{store};
    tasks::Tasks tasks{set, broker, registry};
    tasks::Schedule schedule;
    http::Router router;
    http::Services services;
    std::optional<testing::TestClient> client;
};

TEST_F(TaskRoutesTest, ReportsQueuesDeadTasksAndTheLastOnes) {
    const auto dead = push_dead();
    const auto waiting = push();
    const auto answer = client->get("/api/tasks");
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.header("Cache-Control"), "no-store");
    const auto report = answer.as<TaskReport>();
    EXPECT_EQ(report.broker, "memory");
    EXPECT_FALSE(report.is_durable);
    ASSERT_EQ(report.queues.size(), 1u);
    EXPECT_EQ(report.queues[0].name, "night");
    EXPECT_EQ(report.queues[0].ready, 1u);
    EXPECT_EQ(report.queues[0].dead, 1u);
    ASSERT_EQ(report.dead.size(), 1u);
    EXPECT_EQ(report.dead[0].id, dead);
    EXPECT_EQ(report.dead[0].error, "no \"disk\"");
    ASSERT_EQ(report.tasks.size(), 2u);
    EXPECT_EQ(report.tasks[0].id, waiting);
}

TEST_F(TaskRoutesTest, ListsByState) {
    const auto dead = push_dead();
    push();
    const auto failed = client->get("/api/tasks?state=failed").as<TaskReport>();
    ASSERT_EQ(failed.tasks.size(), 1u);
    EXPECT_EQ(failed.tasks[0].id, dead);
    EXPECT_EQ(client->get("/api/tasks?top=1").as<TaskReport>().tasks.size(), 1u);
    EXPECT_TRUE(client->get("/api/tasks?queue=day").as<TaskReport>().dead.empty());
    EXPECT_EQ(client->get("/api/tasks?state=lost").status, 422);
}

TEST_F(TaskRoutesTest, ShowsOneTask) {
    const auto id = push();
    const auto answer = client->get("/api/tasks/" + id);
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.as<tasks::Status>().state, State::pending);
    EXPECT_EQ(client->get("/api/tasks/none").status, 404);
}

TEST_F(TaskRoutesTest, RetriesADeadTaskOnly) {
    const auto dead = push_dead();
    EXPECT_EQ(post("/api/tasks/" + dead + "/retry").as<TasksChanged>().tasks, 1u);
    EXPECT_EQ(state_of(dead), State::pending);
    const auto again = post("/api/tasks/" + dead + "/retry");
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(again.problem_code(), "not_dead");
    EXPECT_EQ(post("/api/tasks/none/retry").status, 404);
}

TEST_F(TaskRoutesTest, DropsADeadTaskAndRevokesAnother) {
    const auto dead = push_dead();
    EXPECT_EQ(client->del("/api/tasks/" + dead).as<TaskRemoved>().was, State::failed);
    EXPECT_EQ(state_of(dead), State::unknown);
    const auto waiting = push();
    EXPECT_FALSE(client->del("/api/tasks/" + waiting).as<TaskRemoved>().is_cancelled);
    EXPECT_EQ(state_of(waiting), State::revoked);
    EXPECT_EQ(client->del("/api/tasks/" + waiting).problem_code(), "has_ended");
    const auto running = push();
    claim();
    EXPECT_TRUE(client->del("/api/tasks/" + running).as<TaskRemoved>().is_cancelled);
    EXPECT_EQ(call(broker.beat({.id = "worker"})).cancelled, std::vector<std::string>{running});
    EXPECT_EQ(client->del("/api/tasks/none").status, 404);
}

TEST_F(TaskRoutesTest, PausesResumesAndPurgesAQueue) {
    push();
    EXPECT_TRUE(post("/api/queues/night/pause").as<QueueSwitched>().is_paused);
    EXPECT_TRUE(call(broker.queues()).at(0).is_paused);
    EXPECT_FALSE(post("/api/queues/night/resume").as<QueueSwitched>().is_paused);
    EXPECT_FALSE(call(broker.queues()).at(0).is_paused);
    EXPECT_EQ(client->del("/api/queues/night").as<TasksChanged>().tasks, 1u);
    EXPECT_EQ(client->del("/api/queues/night").as<TasksChanged>().tasks, 0u);
    EXPECT_EQ(post("/api/queues/" + std::string(300, 'q') + "/pause").status, 422);
}

TEST_F(TaskRoutesTest, ShowsSwitchesAndRunsTheSchedule) {
    const auto report = client->get("/api/schedule").as<ScheduleReport>();
    ASSERT_EQ(report.entries.size(), 1u);
    EXPECT_EQ(report.entries[0].when, "0 3 * * * Europe/Berlin");
    EXPECT_TRUE(report.entries[0].is_on);
    EXPECT_TRUE(report.entries[0].next);
    EXPECT_FALSE(post("/api/schedule/nightly/off").as<tasks::EntryStatus>().is_on);
    EXPECT_FALSE(client->get("/api/schedule").as<ScheduleReport>().entries.at(0).is_on);
    EXPECT_TRUE(post("/api/schedule/nightly/on").as<tasks::EntryStatus>().is_on);
    const auto run = post("/api/schedule/nightly/run");
    EXPECT_EQ(run.status, 202);
    EXPECT_EQ(state_of(run.as<TaskStarted>().task_id), State::pending);
    EXPECT_EQ(post("/api/schedule/weekly/run").status, 404);
}

TEST_F(TaskRoutesTest, PushesATaskOfTheProgram) {
    const auto pushed = client->post("/api/tasks", json::Raw(R"({"name":"tidy","arguments":{"days":2}})"));
    EXPECT_EQ(pushed.status, 202) << pushed.body;
    EXPECT_EQ(state_of(pushed.as<TaskStarted>().task_id), State::pending);
    EXPECT_EQ(claim().message.kwargs, R"({"days":2})");
    const auto later = json::Raw(R"({"name":"tidy","arguments":[3],"queue":"day","countdown_seconds":60})");
    const auto status = call(broker.status(client->post("/api/tasks", later).as<TaskStarted>().task_id));
    EXPECT_EQ(status.queue, "day");
    EXPECT_TRUE(status.due);
}

TEST_F(TaskRoutesTest, PushesNothingThatNoWorkerCouldCarryOut) {
    const auto stranger = client->post("/api/tasks", json::Raw(R"({"name":"tody"})"));
    EXPECT_EQ(stranger.status, 422);
    EXPECT_NE(stranger.body.find("there are tidy"), std::string::npos) << stranger.body;
    const auto wrong = client->post("/api/tasks", json::Raw(R"({"name":"tidy","arguments":{"weeks":2}})"));
    EXPECT_EQ(wrong.status, 422);
    EXPECT_NE(wrong.body.find("arguments"), std::string::npos) << wrong.body;
    EXPECT_TRUE(call(broker.queues()).empty());
}

TEST_F(TaskRoutesTest, ABrokerThatIsAwayIsNotAvailable) {
    store.is_away = true;
    EXPECT_EQ(client->get("/api/tasks").status, 503);
    EXPECT_EQ(post("/api/queues/night/pause").status, 503);
}

}  // namespace
}  // namespace brio::app
