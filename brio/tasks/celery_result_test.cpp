#include <brio/tasks/celery_result.hpp>

#include <gtest/gtest.h>

namespace brio::tasks {
namespace {

Status read(std::string_view text) {
    const auto status = read_celery_result(text);
    EXPECT_TRUE(status) << text;
    return status.value_or(Status());
}

// Results below are as Celery 5.2.6 wrote them.

TEST(CeleryResult, ASuccessIsRead) {
    const auto status =
        read(R"({"status": "SUCCESS", "result": {"n": 9223372036854775807}, "traceback": null, )"
             R"("children": [], "date_done": "2026-11-23T02:36:07.331413", "task_id": "a"})");
    EXPECT_EQ(status.state, State::done);
    EXPECT_EQ(status.id, "a");
    EXPECT_EQ(status.result, R"({"n": 9223372036854775807})");
    EXPECT_EQ(status.ended_at, *Timestamp::parse("2026-11-23T02:36:07.331413Z"));
}

TEST(CeleryResult, AFailureHasItsTypeAndItsWords) {
    const auto status =
        read(R"({"status": "FAILURE", "result": {"exc_type": "ValueError", "exc_message": ["bad", 7], )"
             R"("exc_module": "builtins"}, "traceback": "Traceback", "children": [], )"
             R"("date_done": "2026-11-23T02:36:09.950991", "task_id": "a"})");
    EXPECT_EQ(status.state, State::failed);
    EXPECT_EQ(status.error_type, "ValueError");
    EXPECT_EQ(status.error, "bad, 7");
    EXPECT_EQ(
        read(R"({"status":"FAILURE","result":{"exc_type":"E","exc_message":"one"},"task_id":"a"})").error,
        "one");
    EXPECT_EQ(read(R"({"status":"FAILURE","result":"words","task_id":"a"})").error, "words");
    EXPECT_EQ(read(R"({"status":"FAILURE","result":null,"task_id":"a"})").error, "null");
}

TEST(CeleryResult, ItsWordsForStatesAreKnown) {
    const auto state = [](std::string_view word, std::string_view result = "null") {
        return read(std::string(R"({"status":")")
                        .append(word)
                        .append(R"(","result":)")
                        .append(result)
                        .append(R"(,"task_id":"a"})"))
            .state;
    };
    EXPECT_EQ(state("PENDING"), State::pending);
    EXPECT_EQ(state("RECEIVED"), State::pending);
    EXPECT_EQ(state("STARTED", R"({"pid":13673,"hostname":"la@vm"})"), State::running);
    EXPECT_EQ(state("PROGRESS", R"({"cur":1,"total":3})"), State::running);
    EXPECT_EQ(state("RETRY", R"({"exc_type":"KeyError","exc_message":["again"]})"), State::retrying);
    EXPECT_EQ(state("REVOKED", R"({"exc_type":"TaskRevokedError","exc_message":["terminated"]})"),
              State::revoked);
    EXPECT_EQ(state("REVOKED", R"({"exc_type":"TaskRevokedError","exc_message":["expired"]})"),
              State::expired);
}

TEST(CeleryResult, NumbersThatOnlyPythonHasAreNull) {
    EXPECT_EQ(read(R"({"status":"SUCCESS","result":[NaN,1],"task_id":"a","date_done":""})").result,
              "[null,1]");
}

TEST(CeleryResult, WhatIsNoResultIsNone) {
    for (const std::string_view each : {"", "[]", "{}", R"({"status":"SUCCESS","result":1})",
                                        R"({"result":1,"task_id":"a"})", R"({"status":1,"task_id":"a"})"}) {
        EXPECT_FALSE(read_celery_result(each)) << each;
    }
}

TEST(CeleryResult, WhatIsWrittenIsWhatCeleryWrites) {
    EXPECT_EQ(write_celery_result({.state = State::done,
                                   .id = "a",
                                   .result = "3",
                                   .ended_at = *Timestamp::parse("2026-11-23T02:36:07.331413Z")}),
              R"({"status":"SUCCESS","result":3,"traceback":null,"children":[],)"
              R"("date_done":"2026-11-23T02:36:07.331413","task_id":"a"})");
    EXPECT_EQ(write_celery_result(
                  {.state = State::failed, .id = "a", .error = "b\"", .error_type = "std::runtime_error"}),
              R"({"status":"FAILURE","result":{"exc_type":"std::runtime_error","exc_message":["b\""],)"
              R"("exc_module":"brio"},"traceback":null,"children":[],"date_done":null,"task_id":"a"})");
}

TEST(CeleryResult, WhatIsWrittenIsReadAgain) {
    for (const State each : {State::pending, State::running, State::retrying, State::done, State::failed,
                             State::expired, State::revoked}) {
        EXPECT_EQ(read(write_celery_result({.state = each, .id = "a"})).state, each) << name_of(each);
    }
}

TEST(CeleryResult, ItsKeyIsCelerys) { EXPECT_EQ(celery_result_key("a"), "celery-task-meta-a"); }

}  // namespace
}  // namespace brio::tasks
