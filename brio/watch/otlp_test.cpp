#include <brio/watch/otlp.hpp>

#include <gtest/gtest.h>

#include <brio/json/raw.hpp>
#include <brio/json/read.hpp>

namespace brio::watch {
namespace {

using ledger::Phase;
using ledger::Span;

Span request() {
    Span span;
    span.trace_high = 0x0af7651916cd43dd;
    span.trace_low = 0x8448eb211c80319c;
    span.id = 0xb7ad6b7169203331;
    span.parent = 0x0a;
    span.is_sampled = true;
    span.state = "a=1";
    span.ended_ns = 1'700'000'000'123'456'789;
    span.took_ns = 23'456'789;
    span.goal_ns = 20'000'000;
    span.why = ledger::SlowWhy::slow;
    span.phases[static_cast<std::size_t>(Phase::db)] = 21'500'000;
    span.rows = 3;
    span.statement_runs = 1;
    span.statements = {{.name = "notes page", .count = 1, .ns = 21'000'000}};
    span.method = "GET";
    span.name = "/notes/{id}";
    span.target = "/notes/7";
    span.own_id = "r-1";
    span.status = 200;
    return span;
}

std::string text_of(const Span& span) { return otlp_request({.service = "shop"}, {&span, 1}); }

TEST(Otlp, ARequestIsAServerSpanWithItsPhases) {
    const auto span = request();
    EXPECT_EQ(
        otlp_request({.service = "shop", .version = "1.2", .instance = "i", .process = 7}, {&span, 1}),
        R"({"resourceSpans":[{"resource":{"attributes":[)"
        R"({"key":"service.name","value":{"stringValue":"shop"}},)"
        R"({"key":"service.version","value":{"stringValue":"1.2"}},)"
        R"({"key":"service.instance.id","value":{"stringValue":"i"}},)"
        R"({"key":"process.pid","value":{"intValue":"7"}},)"
        R"({"key":"telemetry.sdk.name","value":{"stringValue":"brio"}},)"
        R"({"key":"telemetry.sdk.language","value":{"stringValue":"cpp"}}]},)"
        R"("scopeSpans":[{"scope":{"name":"brio"},"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c",)"
        R"("spanId":"b7ad6b7169203331","parentSpanId":"000000000000000a","traceState":"a=1","flags":1,)"
        R"("name":"GET /notes/{id}","kind":2,"startTimeUnixNano":"1700000000100000000",)"
        R"("endTimeUnixNano":"1700000000123456789","attributes":[)"
        R"({"key":"http.request.method","value":{"stringValue":"GET"}},)"
        R"({"key":"http.route","value":{"stringValue":"/notes/{id}"}},)"
        R"({"key":"url.path","value":{"stringValue":"/notes/7"}},)"
        R"({"key":"url.scheme","value":{"stringValue":"http"}},)"
        R"({"key":"http.response.status_code","value":{"intValue":"200"}},)"
        R"({"key":"brio.request_id","value":{"stringValue":"r-1"}},)"
        R"({"key":"brio.goal_ms","value":{"doubleValue":20}},)"
        R"({"key":"brio.why","value":{"stringValue":"slow"}},)"
        R"({"key":"brio.phase.db_ms","value":{"doubleValue":21.5}},)"
        R"({"key":"brio.statements","value":{"intValue":"1"}},{"key":"brio.rows","value":{"intValue":"3"}}],)"
        R"("events":[{"timeUnixNano":"1700000000123456789","name":"statement","attributes":[)"
        R"({"key":"brio.statement","value":{"stringValue":"notes page"}},)"
        R"({"key":"brio.runs","value":{"intValue":"1"}},)"
        R"({"key":"brio.ms","value":{"doubleValue":21}}]}]}]}]}]})");
}

TEST(Otlp, AFailedTaskIsAConsumerSpanWithAnError) {
    Span span;
    span.kind = ledger::SlowKind::task;
    span.why = ledger::SlowWhy::failed;
    span.trace_low = span.id = 1;
    span.name = "tests.grind";
    span.target = "main-queue";
    span.own_id = "t-1";
    span.error = "std::runtime_error";
    span.failures = 2;
    const auto text = text_of(span);
    for (const std::string_view part :
         {R"("name":"tests.grind","kind":5,)", R"("status":{"code":2})",
          R"({"key":"messaging.destination.name","value":{"stringValue":"main-queue"}})",
          R"({"key":"error.type","value":{"stringValue":"std::runtime_error"}})",
          R"({"key":"brio.task.failures","value":{"intValue":"2"}})"}) {
        EXPECT_NE(text.find(part), text.npos) << part << " in " << text;
    }
    EXPECT_EQ(text.find("parentSpanId"), text.npos);
    EXPECT_EQ(text.find("events"), text.npos);
}

TEST(Otlp, WhatClientsSendIsJsonWhateverItIs) {
    auto span = request();
    span.target = "/\x01\"\xff\\";
    span.status = 500;
    const std::vector<Span> spans{span, span};
    const auto text = otlp_request({.service = "shop"}, spans);
    EXPECT_TRUE(json::read<json::Raw>(text)) << text;
    EXPECT_NE(text.find(R"({"key":"error.type","value":{"stringValue":"500"}})"), text.npos);
}

TEST(Otlp, WhatTheCollectorRefusedIsCounted) {
    EXPECT_EQ(refused_spans(R"({"partialSuccess":{"rejectedSpans":"3","errorMessage":"no"}})"), 3U);
    EXPECT_EQ(refused_spans(R"({"partialSuccess":{"rejectedSpans":2}})"), 2U);
    for (const std::string_view text :
         {"{}", "", R"({"partialSuccess":{}})", "<html>", R"({"partialSuccess":null})"}) {
        EXPECT_EQ(refused_spans(text), 0U) << text;
    }
}

}  // namespace
}  // namespace brio::watch
