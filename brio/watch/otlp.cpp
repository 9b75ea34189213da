#include <brio/watch/otlp.hpp>

#include <algorithm>
#include <charconv>

#include <brio/base/buffer.hpp>
#include <brio/base/text.hpp>
#include <brio/json/raw.hpp>
#include <brio/json/read.hpp>
#include <brio/json/write.hpp>
#include <brio/ledger/request_metrics.hpp>

namespace brio::watch {

namespace {

using ledger::Phase;
using ledger::Span;

constexpr double ns_a_ms = 1e6;
constexpr std::uint64_t least_phase_ns = 1000;

// Members and elements, with commas between them.
class Json {
public:
    explicit Json(Buffer& out) : out_(out) {}

    void open(std::string_view brackets) {
        separate();
        out_.append(brackets);
        is_first_ = true;
    }
    void close(std::string_view brackets) {
        out_.append(brackets);
        is_first_ = false;
    }
    void text(std::string_view name, std::string_view value) {
        key(name);
        json::write_string(out_, valid_utf8(value));
    }
    void number(std::string_view name, std::uint64_t value) {
        key(name);
        json::write_unsigned(out_, value);
    }
    // Of 64 bits.
    void long_number(std::string_view name, std::uint64_t value) { text(name, integer_text(value)); }
    void id(std::string_view name, std::initializer_list<std::uint64_t> words) {
        std::string digits;
        for (const auto word : words) {
            char hex[16];
            const auto end = std::to_chars(hex, hex + sizeof hex, word, 16).ptr;
            digits.append(static_cast<std::size_t>(hex + sizeof hex - end), '0').append(hex, end);
        }
        text(name, digits);
    }

    void attribute(std::string_view name, std::string_view value) {
        if (!value.empty()) {
            begin_attribute(name);
            text("stringValue", value);
            close("}}");
        }
    }
    void attribute(std::string_view name, std::uint64_t value) {
        begin_attribute(name);
        long_number("intValue", value);
        close("}}");
    }
    void milliseconds(std::string_view name, std::uint64_t ns) {
        begin_attribute(name);
        key("doubleValue");
        json::write_number(out_, static_cast<double>(ns) / ns_a_ms);
        close("}}");
    }

private:
    void begin_attribute(std::string_view name) {
        open("{");
        text("key", name);
        open(R"("value":{)");
    }
    void separate() {
        if (!std::exchange(is_first_, false)) {
            out_.push_back(',');
        }
    }
    void key(std::string_view name) {
        separate();
        json::write_string(out_, name);
        out_.push_back(':');
    }
    Buffer& out_;
    bool is_first_ = true;
};

constexpr std::uint64_t server_kind = 2;
constexpr std::uint64_t consumer_kind = 5;
constexpr std::uint64_t error_status = 2;

bool is_request(const Span& span) noexcept { return span.kind == ledger::SlowKind::request; }

bool has_failed(const Span& span) noexcept {
    return is_request(span) ? span.status >= 500 : span.why == ledger::SlowWhy::failed;
}

std::string name_of(const Span& span) {
    if (!is_request(span)) {
        return span.name;
    }
    return span.name == ledger::unmatched_endpoint ? span.method : concat({span.method, " ", span.name});
}

void write_request(Json& json, const Span& span) {
    json.attribute("http.request.method", span.method);
    if (span.name != ledger::unmatched_endpoint) {
        json.attribute("http.route", span.name);
    }
    json.attribute("url.path", span.target);
    json.attribute("url.scheme", span.is_secure ? "https" : "http");
    json.attribute("http.response.status_code", std::uint64_t{span.status});
    json.attribute("error.type", has_failed(span) ? integer_text(span.status) : std::string());
    json.attribute("brio.request_id", span.own_id);
}

void write_task(Json& json, const Span& span) {
    json.attribute("messaging.operation.type", "process");
    json.attribute("messaging.destination.name", span.target);
    json.attribute("messaging.message.id", span.own_id);
    json.attribute("error.type", span.error);
    json.attribute("brio.task.failures", std::uint64_t{span.failures});
}

void write_work(Json& json, const Span& span) {
    if (span.goal_ns != 0) {
        json.milliseconds("brio.goal_ms", span.goal_ns);
    }
    if (span.why) {
        json.attribute("brio.why", ledger::name_of(*span.why));
    }
    for (std::size_t i = 0; i < ledger::phase_count; ++i) {
        if (span.phases[i] >= least_phase_ns) {
            json.milliseconds(concat({"brio.phase.", ledger::phase_names[i], "_ms"}), span.phases[i]);
        }
    }
    if (span.statement_runs != 0) {
        json.attribute("brio.statements", std::uint64_t{span.statement_runs});
        json.attribute("brio.rows", span.rows);
    }
}

void write_events(Json& json, const Span& span) {
    json.open(R"("events":[)");
    for (const auto& each : span.statements) {
        json.open("{");
        json.long_number("timeUnixNano", static_cast<std::uint64_t>(span.ended_ns));
        json.text("name", "statement");
        json.open(R"("attributes":[)");
        json.attribute("brio.statement", each.name);
        json.attribute("brio.runs", each.count);
        json.milliseconds("brio.ms", each.ns);
        json.close("]}");
    }
    json.close("]");
}

void write_span(Json& json, const Span& span) {
    const auto ended = static_cast<std::uint64_t>(span.ended_ns);
    json.open("{");
    json.id("traceId", {span.trace_high, span.trace_low});
    json.id("spanId", {span.id});
    if (span.parent != 0) {
        json.id("parentSpanId", {span.parent});
    }
    if (!span.state.empty()) {
        json.text("traceState", span.state);
    }
    json.number("flags", span.is_sampled ? 1 : 0);
    json.text("name", name_of(span));
    json.number("kind", is_request(span) ? server_kind : consumer_kind);
    json.long_number("startTimeUnixNano", ended - std::min(span.took_ns, ended));
    json.long_number("endTimeUnixNano", ended);
    json.open(R"("attributes":[)");
    if (is_request(span)) {
        write_request(json, span);
    } else {
        write_task(json, span);
    }
    write_work(json, span);
    json.close("]");
    if (!span.statements.empty()) {
        write_events(json, span);
    }
    if (has_failed(span)) {
        json.open(R"("status":{)");
        json.number("code", error_status);
        json.close("}");
    }
    json.close("}");
}

struct PartialSuccess {
    std::optional<json::Raw> rejectedSpans;  // names of the format; a number, or a text of one
    std::optional<std::string> errorMessage;
};
struct Answer {
    std::optional<PartialSuccess> partialSuccess;
};

}  // namespace

std::string otlp_request(const SpanSource& source, std::span<const ledger::Span> spans) {
    Buffer out;
    Json json(out);
    json.open(R"({"resourceSpans":[{"resource":{"attributes":[)");
    json.attribute("service.name", source.service);
    json.attribute("service.version", source.version);
    json.attribute("service.instance.id", source.instance);
    json.attribute("process.pid", source.process);
    json.attribute("telemetry.sdk.name", "brio");
    json.attribute("telemetry.sdk.language", "cpp");
    json.close("]}");
    json.open(R"("scopeSpans":[{"scope":{"name":"brio"},"spans":[)");
    for (const Span& each : spans) {
        write_span(json, each);
    }
    json.close("]}]}]}");
    return std::string(out.view());
}

std::uint64_t refused_spans(std::string_view answer) {
    const auto read = json::read<Answer>(answer);
    std::uint64_t count = 0;
    if (read && read->partialSuccess && read->partialSuccess->rejectedSpans) {
        std::string_view text = read->partialSuccess->rejectedSpans->text;
        text.remove_prefix(text.starts_with('"') ? 1 : 0);
        std::from_chars(text.data(), text.data() + text.size(), count);
    }
    return count;
}

}  // namespace brio::watch
