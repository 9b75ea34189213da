// Spans in the form that collectors of traces take: OTLP/HTTP in JSON (opentelemetry-proto,
// opentelemetry/proto/collector/trace/v1, and its "JSON Protobuf Encoding": ids in hexadecimal, integers of
// 64 bits as texts, enumerations as numbers).
//
// A request is a span of kind SERVER with the attributes of OpenTelemetry's semantic conventions, a task one
// of kind CONSUMER. What they do not name stands under `brio.`: the goal, why the work is of note,
// milliseconds in each phase
// (`brio.phase.db_ms`). Each of the statements that took most time is an event at the span's end, since only
// sums are known of them.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <brio/ledger/spans.hpp>

namespace brio::watch {

/// Whose spans they are.
struct SpanSource {
    std::string service;
    std::string version;
    std::string instance;  // one process among those of the service
    std::uint64_t process = 0;
};

/// An ExportTraceServiceRequest.
std::string otlp_request(const SpanSource& source, std::span<const ledger::Span> spans);

/// What an ExportTraceServiceResponse says of spans that the collector did not want; 0 where it says nothing.
std::uint64_t refused_spans(std::string_view answer);

}  // namespace brio::watch
