// Sends spans to a collector of traces (OTEL_EXPORTER_OTLP_ENDPOINT), a batch at a time, by OTLP/HTTP in
// JSON.
//
// For the control loop's thread. Twice a second it takes what waits in the queue. A collector that has too
// much to do (429, 502, 503, 504) or is not there is tried again, as long as it says or 1, 2 and 4 seconds
// later (OTLP specification, "Retryable Response Codes"); meanwhile the queue fills and drops. What then
// nobody took is counted.
#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <brio/app/detail/program.hpp>
#include <brio/app/settings.hpp>
#include <brio/http/client.hpp>
#include <brio/ledger/spans.hpp>
#include <brio/runtime/later.hpp>
#include <brio/runtime/scope.hpp>
#include <brio/watch/otlp.hpp>

namespace brio::app {

/// `name=value,name=value`, values in percent-encoding; nothing when it is no such text.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_otlp_headers(std::string_view text);

class SpanExporter {
public:
    static constexpr std::chrono::milliseconds looks_every{500};
    static constexpr std::size_t most_in_batch = 512;

    struct Parts {
        runtime::Loop& loop;
        metrics::Registry& registry;
        runtime::OffloadPool& offload;
    };
    /// The settings are valid.
    SpanExporter(Parts parts, const Program& program, const Settings& settings);

    ledger::SpanQueue& queue() noexcept { return queue_; }
    void start() { again_.in(looks_every); }
    /// Sends what is left, for at most two seconds, in turns of its loop that it makes itself. At the end.
    /// What is being sent then is sent again, and may come twice.
    void finish();

private:
    enum class Taken : std::uint8_t { yes, later, no };
    struct Attempt {
        Taken taken = Taken::no;
        std::chrono::seconds again{0};  // as the collector says; 0: it does not
        std::uint64_t refused = 0;
        std::string why;
    };
    void look();
    void count(const Attempt& attempt, std::size_t spans);
    static Async<void> send_all(SpanExporter& self);
    static Async<void> send_last(SpanExporter& self);
    Async<Attempt> send(std::span<const ledger::Span> spans);
    Async<Attempt> attempt(std::string_view body, std::chrono::milliseconds timeout);

    const Parts parts_;
    const std::string url_;
    const std::vector<std::pair<std::string, std::string>> headers_;
    const watch::SpanSource source_;
    ledger::SpanQueue queue_;
    std::vector<ledger::Span> batch_;  // being sent
    http::Client client_;
    std::chrono::nanoseconds said_{0};
    bool is_sending_ = false;
    runtime::Scope sending_;
    runtime::Later<SpanExporter> again_;
};

/// None where the settings name no collector.
std::unique_ptr<SpanExporter> export_spans(SpanExporter::Parts parts, const Program& program,
                                           const Settings& settings);

}  // namespace brio::app
