#include <brio/tasks/listing.hpp>

#include <gtest/gtest.h>

namespace brio::tasks {
namespace {

const Timestamp pushed = Timestamp::parse("2026-11-25T22:40:01.5Z").value();

Status failed_task() {
    return {.state = State::failed,
            .id = "7",
            .name = "app.mail",
            .queue = "main-queue",
            .failures = 4,
            .deaths = 1,
            .progress = 0.25,
            .progress_words = "2 of 8",
            .result = {},
            .error = "no answer\nfrom there",
            .error_type = "std::runtime_error",
            .pushed_at = pushed,
            .due = {},
            .begun_at = {},
            .ended_at = {}};
}

TEST(TaskListing, ATaskIsALine) {
    EXPECT_EQ(list_tasks({failed_task()}),
              "ID  TASK      QUEUE       STATE   PUSHED                ERROR\n"
              "7   app.mail  main-queue  failed  2026-11-25T22:40:01Z  no answer…\n");
    EXPECT_EQ(list_tasks({}), "no tasks\n");
}

TEST(TaskListing, OneTaskIsDescribedByWhatIsKnown) {
    auto task = failed_task();
    task.error = "no answer";
    EXPECT_EQ(describe_task(task),
              "id        7\n"
              "task      app.mail\n"
              "queue     main-queue\n"
              "state     failed\n"
              "tries     4 failures, 1 death of its worker\n"
              "progress  25 % 2 of 8\n"
              "pushed    2026-11-25T22:40:01.500000Z\n"
              "error     no answer\n"
              "kind      std::runtime_error\n");
}

TEST(TaskListing, AStackStandsBelowAndATerminalGetsNoCommands) {
    auto task = failed_task();
    task.error = "no \x1b[2Janswer\nat\x1b]0;a\x07 1\nat 2";
    const auto text = describe_task(task);
    EXPECT_NE(text.find("error     no  [2Janswer\n"), text.npos) << text;
    EXPECT_TRUE(text.ends_with("\n\nat ]0;a  1\nat 2\n")) << text;
    EXPECT_EQ(list_tasks({task}).find('\x1b'), text.npos);
}

TEST(TaskListing, AQueueIsALine) {
    EXPECT_EQ(list_queues({{.name = "main-queue", .ready = 12, .oldest = pushed},
                           {.name = "night", .scheduled = 3, .dead = 1, .oldest = {}, .is_paused = true}},
                          Timestamp(pushed.microseconds + 1'500'000)),
              "QUEUE       READY  SCHEDULED  RUNNING  DEAD  OLDEST\n"
              "main-queue  12     0          0        0     1.50s\n"
              "night       0      3          0        1     -       paused\n");
    EXPECT_EQ(list_queues({}, pushed), "no tasks in any queue\n");
}

TEST(TaskListing, AnEntryOfTheScheduleIsALine) {
    EXPECT_EQ(list_schedule({{.name = "nightly",
                              .when = "0 3 * * * UTC",
                              .task = "tidy",
                              .is_on = false,
                              .last = pushed,
                              .next = {}}}),
              "ENTRY    WHEN           TASK  IS   LAST                  NEXT\n"
              "nightly  0 3 * * * UTC  tidy  off  2026-11-25T22:40:01Z  -\n");
}

}  // namespace
}  // namespace brio::tasks
