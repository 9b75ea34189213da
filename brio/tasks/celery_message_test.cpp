#include <brio/tasks/celery_message.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <brio/base/text.hpp>
#include <brio/json/read.hpp>
#include <brio/reflect/bytes.hpp>

namespace brio::tasks {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

// As Celery 5.2.6 wrote it: add.apply_async((1, 2), task_id='id-plain').
constexpr std::string_view sent_by_python =
    R"({"body": "W1sxLCAyXSwge30sIHsiY2FsbGJhY2tzIjogbnVsbCwgImVycmJhY2tzIjogbnVsbCwgImNoYWluIjog)"
    R"(bnVsbCwgImNob3JkIjogbnVsbH1d", "content-encoding": "utf-8", "content-type": "application/json", )"
    R"("headers": {"lang": "py", "task": "t.add", "id": "id-plain", "shadow": null, "eta": null, )"
    R"("expires": null, "group": null, "group_index": null, "retries": 0, "timelimit": [null, null], )"
    R"J("root_id": "id-plain", "parent_id": null, "argsrepr": "(1, 2)", "kwargsrepr": "{}", )J"
    R"("origin": "gen10511@vm", "ignore_result": false}, "properties": {"correlation_id": "id-plain", )"
    R"("reply_to": "cdf1115c-6df3-39ff-8662-e09f65a9b9c2", "delivery_mode": 2, "delivery_info": )"
    R"({"exchange": "", "routing_key": "celery"}, "priority": 0, "body_encoding": "base64", )"
    R"("delivery_tag": "8b629057-fc57-46bb-b474-c1af316a81ab"}})";

std::string with(std::string_view what, std::string_view by, std::string_view text = sent_by_python) {
    std::string changed(text);
    const auto at = changed.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return changed.replace(at, what.size(), by);
}
Message read(std::string_view text) {
    auto message = read_celery(text, "celery");
    EXPECT_TRUE(message) << message.error().words;
    return message.value_or(Message());
}
std::string refusal(std::string_view text) {
    const auto message = read_celery(text, "celery");
    return message ? "" : message.error().words;
}
/// The envelope above with another body, base64 as Python makes it.
std::string with_body(std::string body) {
    return with(R"("W1sxLCAyXSwge30sIHsiY2FsbGJhY2tzIjogbnVsbCwgImVycmJhY2tzIjogbnVsbCwgImNoYWluIjog)"
                R"(bnVsbCwgImNob3JkIjogbnVsbH1d")",
                '"' + Bytes(std::move(body)).text() + '"');
}

TEST(CeleryMessage, WhatPythonSendsIsRead) {
    const auto message = read(sent_by_python);
    EXPECT_EQ(message.id, "id-plain");
    EXPECT_EQ(message.name, "t.add");
    EXPECT_EQ(message.queue, "celery");
    EXPECT_EQ(message.args, "[1, 2]");
    EXPECT_EQ(message.kwargs, "{}");
    EXPECT_EQ(message.embed, "");
    EXPECT_EQ(message.root_id, "id-plain");
    EXPECT_EQ(message.parent_id, "");
    EXPECT_FALSE(message.due || message.expires || message.deadline || message.hard_deadline);
}

TEST(CeleryMessage, TimesAndLimitsOfACallAreRead) {
    auto text = with(R"("eta": null)", R"("eta": "2026-11-23T02:36:13.198961+00:00")");
    text = with(R"("expires": null)", R"("expires": "2026-11-23T02:37:13+00:00")", text);
    text = with("[null, null]", "[30, 20.5]", text);
    text = with(R"("ignore_result": false)", R"("ignore_result": true)", text);
    text = with(R"("retries": 0)", R"("retries": 2)", text);
    text = with(R"("priority": 0)", R"("priority": 6)", text);
    const auto message = read(text);
    EXPECT_EQ(message.due, *Timestamp::parse("2026-11-23T02:36:13.198961Z"));
    EXPECT_EQ(message.expires, *Timestamp::parse("2026-11-23T02:37:13Z"));
    EXPECT_EQ(message.hard_deadline, 30s);
    EXPECT_EQ(message.deadline, 20'500ms);
    EXPECT_TRUE(message.ignores_result);
    EXPECT_EQ(message.failures, 2);
    EXPECT_EQ(message.priority, 6);
}

TEST(CeleryMessage, ATimeWithoutAnOffsetIsUtc) {
    for (const std::string_view each :
         {"2026-11-23T02:36:13", "2026-11-23 02:36:13", "2026-11-23T02:36:13Z"}) {
        const auto text = with(R"("eta": null)", R"("eta": ")" + std::string(each) + '"');
        EXPECT_EQ(read(text).due, *Timestamp::parse("2026-11-23T02:36:13Z")) << each;
    }
}

TEST(CeleryMessage, TheLeastThatRunsInCeleryIsRead) {
    const auto message = read(
        R"({"body":"W1s0MCwgMl0sIHt9LCB7fV0=","content-type":"application/json",)"
        R"("headers":{"task":"t.add","id":"x"},"properties":{"body_encoding":"base64","delivery_tag":"d",)"
        R"("delivery_info":{"exchange":"","routing_key":"celery"}}})");
    EXPECT_EQ(message.args, "[40, 2]");
    EXPECT_EQ(message.root_id, "x");
}

TEST(CeleryMessage, WhatCeleryRunsNeverthelessIsRead) {
    EXPECT_EQ(read(with(R"("retries": 0)", R"("retries": null)")).failures, 0);
    EXPECT_FALSE(read(with("[null, null]", "null")).deadline);
    EXPECT_EQ(read(with(R"("priority": 0)", R"("priority": "3")")).priority, 3);
    read(with(R"("lang": "py")", R"("lang": "cpp", "redelivered": true, "own": {"a": [1]})"));
    read(with(R"("content-encoding": "utf-8", )", ""));
    EXPECT_EQ(read(with_body("[[1],{},null]")).embed, "");
    auto plain = with(R"("body_encoding": "base64", )", "");
    const auto body = plain.find("W1sx");
    plain.replace(body, plain.find('"', body) - body, R"([[5], {\"a\": 1}, {}])");
    EXPECT_EQ(read(plain).kwargs, R"({"a": 1})");
}

TEST(CeleryMessage, WhatIsNoTaskIsRefusedAndSaysWhy) {
    EXPECT_THAT(refusal("no"), HasSubstr("no JSON object"));
    EXPECT_THAT(refusal("{}"), HasSubstr("headers"));
    EXPECT_THAT(refusal(with(R"("task": "t.add", )", "")), HasSubstr("task"));
    EXPECT_THAT(refusal(with(R"("id": "id-plain", )", "")), HasSubstr("id"));
    EXPECT_THAT(refusal(with(R"("id": "id-plain")", R"("id": 7)")), HasSubstr("id"));
    EXPECT_THAT(refusal(with("id-plain", std::string(600, 'x'))), HasSubstr("longer"));
    EXPECT_THAT(refusal(with(R"("eta": null)", R"("eta": 1764000000)")), HasSubstr("eta"));
    EXPECT_THAT(refusal(with(R"("expires": null)", R"("expires": "soon")")), HasSubstr("expires"));
    EXPECT_THAT(refusal(with("[null, null]", "[1]")), HasSubstr("timelimit"));
    EXPECT_THAT(refusal(with(R"("lang": "py")", R"("compression": "application/x-gzip")")),
                HasSubstr("compressed"));
    EXPECT_THAT(refusal(with(R"("base64")", R"("rot13")")), HasSubstr("body_encoding"));
    EXPECT_THAT(refusal(with("W1sx", "W1s*")), HasSubstr("base64"));
    EXPECT_THAT(refusal(with_body("[[1],{}]")), HasSubstr("array of three"));
    EXPECT_THAT(refusal(with_body("[1,{},{}]")), HasSubstr("args"));
    EXPECT_THAT(refusal(with_body("[[1],null,{}]")), HasSubstr("kwargs"));
}

TEST(CeleryMessage, OnlyJsonBodiesAreTaken) {
    for (const std::string_view each : {"application/x-python-serialize", "application/x-yaml",
                                        "application/JSON", "application/json; charset=utf-8"}) {
        const auto message = read_celery(with("application/json", each), "celery");
        ASSERT_FALSE(message) << each;
        EXPECT_THAT(message.error().words, HasSubstr(each));
        EXPECT_EQ(message.error().id, "id-plain");
        EXPECT_EQ(message.error().name, "t.add");
    }
}

TEST(CeleryMessage, NumbersThatOnlyPythonHasAreNull) {
    EXPECT_EQ(read(with_body(R"([[NaN, "NaN \" Infinity", -Infinity], {"a": Infinity}, {}])")).args,
              R"([null, "NaN \" Infinity", null])");
}

TEST(CeleryMessage, ArgumentsKeepTheirText) {
    const auto message = read(with_body(R"([[9223372036854775807, 1.10],{"b" : "\u0000"}, {"chain":[]}])"));
    EXPECT_EQ(message.args, "[9223372036854775807, 1.10]");
    EXPECT_EQ(message.kwargs, R"({"b" : "\u0000"})");
    EXPECT_EQ(message.embed, R"({"chain":[]})");
}

Message whole() {
    return {.id = "a",
            .name = "app.task",
            .queue = "q",
            .priority = 7,
            .args = "[1]",
            .kwargs = R"({"a":"\"ü"})",
            .due = Timestamp(1'764'000'000'123'456),
            .expires = Timestamp(1'764'000'100'000'000),
            .deadline = 1'500ms,
            .hard_deadline = 2s,
            .failures = 2,
            .ignores_result = true,
            .pushed_at = Timestamp(1'763'000'000'000'001),
            .root_id = "root",
            .parent_id = "parent",
            .trace = {.parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", .state = "a=1"},
            .embed = R"({"chain":[{"task":"t"}]})"};
}

TEST(CeleryMessage, AnEnvelopeHasAllThatCeleryNeeds) {
    const auto text = write_celery(whole(), "tag");
    for (const std::string_view each :
         {R"("content-encoding":"utf-8")", R"("content-type":"application/json")", R"("lang":"cpp")",
          R"("task":"app.task")", R"("id":"a")", R"("eta":"2025-11-24T16:00:00.123456Z")", R"("retries":2)",
          R"("timelimit":[2,1.5])", R"("root_id":"root")", R"("parent_id":"parent")", R"("tracestate":"a=1")",
          R"("argsrepr":"[1]")", R"("ignore_result":true)", R"("correlation_id":"a")", R"("delivery_mode":2)",
          R"("delivery_info":{"exchange":"","routing_key":"q"})", R"("priority":7)",
          R"("body_encoding":"base64")", R"("delivery_tag":"tag")"}) {
        EXPECT_THAT(text, HasSubstr(each));
    }
}

TEST(CeleryMessage, WhatIsWrittenIsReadAgain) {
    const auto sent = whole();
    const auto got = read_celery(write_celery(sent, "tag"), "q");
    ASSERT_TRUE(got) << got.error().words;
    EXPECT_EQ(write_celery(*got, "tag"), write_celery(sent, "tag"));
    const Message least{.id = "a", .name = "n"};
    const auto again = read_celery(write_celery(least, "tag"), "q");
    ASSERT_TRUE(again);
    EXPECT_EQ(again->embed, "");
    EXPECT_EQ(again->parent_id, "");
    EXPECT_FALSE(again->due || again->expires || again->deadline || again->hard_deadline);
}

TEST(CeleryMessage, ATracestateThatIsNoneGoesNoFurther) {
    const auto state_of = [](std::string_view header) {
        return read(with(R"("group": null)", concat({R"("group": null, "tracestate": )", header})))
            .trace.state;
    };
    EXPECT_EQ(state_of(R"("a=1")"), "a=1");
    EXPECT_EQ(state_of(R"("a=1\r\nX-Other: 2")"), "");
    EXPECT_EQ(state_of("7"), "");
}

TEST(CeleryMessage, WhatIsTriedAgainKeepsWhatOthersSaid) {
    const auto sent = with(R"("group": null)", R"("group": "g1", "own": {"big": 9007199254740993})");
    const auto again =
        celery_again(sent, {.failures = 3, .due = Timestamp(1'764'000'000'000'000), .delivery_tag = "new"});
    EXPECT_THAT(again, HasSubstr(R"("group":"g1")"));
    EXPECT_THAT(again, HasSubstr(R"("own":{"big": 9007199254740993})"));
    EXPECT_THAT(again, HasSubstr(R"("delivery_tag":"new")"));
    EXPECT_THAT(again, HasSubstr(R"("reply_to":"cdf1115c-6df3-39ff-8662-e09f65a9b9c2")"));
    EXPECT_THAT(again, Not(HasSubstr("8b629057")));
    const auto message = read(again);
    EXPECT_EQ(message.failures, 3);
    EXPECT_EQ(message.due, Timestamp(1'764'000'000'000'000));
    EXPECT_EQ(message.args, "[1, 2]");
}

TEST(CeleryMessage, AQueueHasFourLists) {
    EXPECT_EQ(celery_list("q", 0), "q");
    EXPECT_EQ(celery_list("q", 2), "q");
    EXPECT_EQ(celery_list("q", 5),
              "q\x06\x16"
              "3");
    EXPECT_EQ(celery_list("q", 8),
              "q\x06\x16"
              "6");
    EXPECT_EQ(celery_list("q", 255),
              "q\x06\x16"
              "9");
}

}  // namespace
}  // namespace brio::tasks
