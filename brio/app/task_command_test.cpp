#include <brio/app/task_command.hpp>

#include <gtest/gtest.h>

#include <brio/app/database_commands.hpp>
#include <brio/app/task_broker.hpp>
#include <brio/base/temporary_folder.hpp>
#include <brio/db/database.hpp>
#include <brio/runtime/run.hpp>
#include <brio/tasks/give.hpp>

namespace brio::app {
namespace {

struct Tidy {
    int days;
    static constexpr tasks::Policy policy{.name = "app.tidy", .queue = "night"};
};
void tidy(Tidy) {}

class TaskCommandTest : public ::testing::Test {
protected:
    TaskCommandTest() {
        program.name = "shop";
        program.has_database = true;
        program.tasks.definitions.push_back(tasks::define(tidy));
        program.schedule.cron("nightly", "0 3 * * *", Tidy{.days = 3});
        settings.database_url = "sqlite:///" + folder.file("shop.db");
        database = open_database(program, settings, nullptr);
        broker = open_own_broker(settings, program.tasks, *database);
    }

    struct Ran {
        int status = 0;
        std::string out;
        std::string error;
    };
    Ran run(std::vector<const char*> words) {
        words.insert(words.begin(), "shop");
        const auto parsed = parse_command_line(words, {.program = "shop",
                                                       .version = "1",
                                                       .has_database = true,
                                                       .has_tasks = true,
                                                       .has_schedule = true,
                                                       .own = {}});
        if (!parsed.command) {
            return {parsed.status, {}, parsed.text};
        }
        ::testing::internal::CaptureStdout();
        ::testing::internal::CaptureStderr();
        const int status = run_task_command(program, settings, *parsed.command);
        std::fflush(stdout);
        return {status, ::testing::internal::GetCapturedStdout(), ::testing::internal::GetCapturedStderr()};
    }
    template <class T>
    T call(Async<T> what) {
        return runtime::run(loop, std::move(what));
    }
    tasks::Status status_of(std::string id) {
        id.erase(id.find_last_not_of('\n') + 1);
        return call(broker->status(std::move(id)));
    }
    /// As a worker would.
    void end_next(tasks::Settlement::Outcome how) {
        call(broker->beat({.id = "worker", .host = "here", .pid = 1}));
        const std::vector<std::string> queues{"night"};
        const auto claim = call(broker->claim({.worker = "worker", .queues = queues})).at(0);
        std::vector<tasks::Settlement> one{{.held = {claim.message.id, claim.fence},
                                            .outcome = how,
                                            .result = "{\"rows\":3}",
                                            .error = "no disk",
                                            .error_type = "std::runtime_error"}};
        EXPECT_EQ(call(broker->settle("worker", std::move(one))), std::vector<bool>{true});
    }

    TemporaryFolder folder;
    runtime::Loop loop;
    Program program;
    Settings settings;
    std::unique_ptr<db::Database> database;
    std::unique_ptr<tasks::Broker> broker;
};

TEST_F(TaskCommandTest, SendsWhatTheProgramCanCarryOut) {
    const auto by_name = run({"task", "send", "app.tidy", R"({"days":3})"});
    ASSERT_EQ(by_name.status, 0) << by_name.error;
    EXPECT_EQ(status_of(by_name.out).queue, "night");
    const auto in_order = run({"task", "send", "app.tidy", "[3]", "--queue", "day", "--countdown", "60"});
    ASSERT_EQ(in_order.status, 0) << in_order.error;
    const auto later = status_of(in_order.out);
    EXPECT_EQ(later.queue, "day");
    EXPECT_GT(later.due->microseconds, later.pushed_at->microseconds + 59'000'000);
}

TEST_F(TaskCommandTest, SaysWhatIsWrongWithATaskBeforeItIsSent) {
    const auto unknown = run({"task", "send", "app.tydy", "{}"});
    EXPECT_EQ(unknown.status, 2);
    EXPECT_EQ(unknown.error, "shop: there is no task app.tydy; did you mean app.tidy?\n");
    const auto wrong = run({"task", "send", "app.tidy", R"({"days":"x"})"});
    EXPECT_EQ(wrong.status, 2);
    EXPECT_TRUE(wrong.error.starts_with("shop: these are no arguments of app.tidy: ")) << wrong.error;
    EXPECT_NE(wrong.error.find("days"), std::string::npos) << wrong.error;
    EXPECT_EQ(run({"task", "send", "app.tidy", "{"}).status, 2);
    EXPECT_EQ(run({"task", "send", "app.tidy"}).status, 2);  // a field is missing
    EXPECT_EQ(run({"task", "send"}).status, 2);
    EXPECT_EQ(run({"queue", "stats"}).out, "no tasks in any queue\n");
}

TEST_F(TaskCommandTest, ShowsWhatBecameOfATask) {
    auto id = run({"task", "send", "app.tidy", "[3]"}).out;
    id.pop_back();
    EXPECT_EQ(run({"task", "result", id.c_str()}).status, 0);
    end_next(tasks::Settlement::Outcome::done);
    const auto done = run({"task", "result", id.c_str()});
    EXPECT_EQ(done.status, 0);
    EXPECT_NE(done.out.find("state   done\n"), std::string::npos) << done.out;
    EXPECT_NE(done.out.find("result  {\"rows\":3}\n"), std::string::npos) << done.out;
    const auto unknown = run({"task", "result", "none"});
    EXPECT_EQ(unknown.status, 1);
    EXPECT_EQ(unknown.error, "shop: no task none is known: there was none, or its result has expired\n");
}

TEST_F(TaskCommandTest, RetriesAndDropsDeadTasks) {
    auto id = run({"task", "send", "app.tidy", "[3]"}).out;
    id.pop_back();
    end_next(tasks::Settlement::Outcome::failed);
    EXPECT_EQ(run({"task", "result", id.c_str()}).status, 1);
    EXPECT_NE(run({"task", "list", "--state", "failed"}).out.find("no disk"), std::string::npos);
    EXPECT_EQ(run({"task", "retry", id.c_str()}).out, "1 dead task ready again\n");
    EXPECT_EQ(run({"task", "retry", id.c_str()}).status, 1);
    EXPECT_EQ(status_of(id).state, tasks::State::pending);
    end_next(tasks::Settlement::Outcome::failed);
    EXPECT_EQ(run({"task", "drop"}).status, 2);
    EXPECT_EQ(run({"task", "drop", id.c_str(), "--all"}).status, 2);
    EXPECT_EQ(run({"task", "drop", "--name", "other"}).out, "0 dead tasks dropped\n");
    EXPECT_EQ(run({"task", "drop", "--all"}).out, "1 dead task dropped\n");
    EXPECT_EQ(status_of(id).state, tasks::State::unknown);
    EXPECT_EQ(run({"task", "list", "--state", "dead"}).status, 2);
}

TEST_F(TaskCommandTest, RevokesWhatWaitsAndSaysWhatItCannot) {
    auto id = run({"task", "send", "app.tidy", "[3]"}).out;
    id.pop_back();
    EXPECT_EQ(run({"task", "revoke", id.c_str()}).out, id + " is taken back\n");
    EXPECT_EQ(status_of(id).state, tasks::State::revoked);
    const auto again = run({"task", "revoke", id.c_str(), "nobody"});
    EXPECT_EQ(again.out, id + " is revoked: there is nothing to take back\n"
                              "nobody is unknown: there is nothing to take back\n");
    EXPECT_EQ(again.status, 1);
    EXPECT_EQ(run({"task", "revoke"}).status, 2);
}

TEST_F(TaskCommandTest, PausesResumesAndPurgesAQueue) {
    run({"task", "send", "app.tidy", "[3]"});
    EXPECT_EQ(run({"queue", "pause", "night"}).out, "night is paused\n");
    EXPECT_NE(run({"queue", "stats"}).out.find("paused"), std::string::npos);
    EXPECT_EQ(run({"queue", "resume", "night"}).out, "night goes on\n");
    EXPECT_EQ(run({"queue", "stats"}).out.find("paused"), std::string::npos);
    EXPECT_EQ(run({"queue", "purge", "night"}).out, "1 waiting task dropped\n");
    EXPECT_EQ(run({"queue", "pause"}).status, 2);
}

TEST_F(TaskCommandTest, ListsSwitchesAndRunsTheSchedule) {
    EXPECT_NE(run({"schedule", "list"}).out.find("nightly  0 3 * * * UTC  app.tidy  on "), std::string::npos);
    EXPECT_EQ(run({"schedule", "off", "nightly"}).out, "nightly is off\n");
    EXPECT_NE(run({"schedule", "list"}).out.find("app.tidy  off"), std::string::npos);
    EXPECT_EQ(run({"schedule", "on", "nightly"}).out, "nightly is on\n");
    EXPECT_EQ(status_of(run({"schedule", "run", "nightly"}).out).name, "app.tidy");
    const auto unknown = run({"schedule", "run", "nightl"});
    EXPECT_EQ(unknown.status, 2);
    EXPECT_EQ(unknown.error, "shop: there is no entry of the schedule nightl; did you mean nightly?\n");
}

}  // namespace
}  // namespace brio::app
