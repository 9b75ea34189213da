#include <brio/app/span_exporter.hpp>

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include <brio/base/clock.hpp>
#include <brio/base/log.hpp>
#include <brio/base/random.hpp>
#include <brio/base/text.hpp>
#include <brio/http/percent.hpp>
#include <brio/runtime/awaitables.hpp>
#include <brio/runtime/run.hpp>

namespace brio::app {

namespace {

constexpr std::chrono::milliseconds usual_timeout{10'000};
constexpr std::chrono::milliseconds last_timeout{2'000};
constexpr std::chrono::seconds longest_pause{30};
constexpr int most_attempts = 4;
constexpr std::chrono::minutes says_every{1};

std::string url_of_traces(std::string url) {
    while (url.ends_with('/')) {
        url.pop_back();
    }
    return url + "/v1/traces";
}

std::string instance_name() {
    char host[256]{};
    ::gethostname(host, sizeof host - 1);
    return concat({host, "-", integer_text(::getpid())});
}

bool is_for_later(int status) noexcept {
    return status == 429 || status == 502 || status == 503 || status == 504;
}

std::chrono::seconds pause_of(const http::OutboundAnswer& answer) {
    std::uint32_t seconds = 0;
    if (const auto text = answer.header("Retry-After")) {
        std::from_chars(text->data(), text->data() + text->size(), seconds);
    }
    return std::min<std::chrono::seconds>(std::chrono::seconds(seconds), longest_pause);
}

bool is_field_name(std::string_view text) noexcept {
    return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
    });
}

bool is_printable(unsigned char c) noexcept { return c >= ' ' && c != 0x7f; }

}  // namespace

std::optional<std::vector<std::pair<std::string, std::string>>> parse_otlp_headers(std::string_view text) {
    std::vector<std::pair<std::string, std::string>> headers;
    while (!text.empty()) {
        const auto end = std::min(text.find(','), text.size());
        const auto part = trim(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        const auto equals = part.find('=');
        if (equals == std::string_view::npos) {
            return std::nullopt;
        }
        const auto name = trim(part.substr(0, equals));
        Buffer space;
        const auto value = http::percent_decode(trim(part.substr(equals + 1)), http::Plus::literal, space);
        if (!is_field_name(name) || !value || !std::ranges::all_of(*value, is_printable)) {
            return std::nullopt;
        }
        headers.emplace_back(name, *value);
    }
    return headers;
}

SpanExporter::SpanExporter(Parts parts, const Program& program, const Settings& settings)
    : parts_(parts),
      url_(url_of_traces(settings.otlp_url)),
      headers_(*parse_otlp_headers(settings.otlp_headers)),
      source_{.service = settings.otlp_service.empty() ? program.name : settings.otlp_service,
              .version = program.version,
              .instance = instance_name(),
              .process = static_cast<std::uint64_t>(::getpid())},
      queue_(settings.spans, parts.registry),
      sending_(parts.loop),
      again_(parts.loop, *this, &SpanExporter::look) {}

void SpanExporter::look() {
    again_.in(looks_every);
    if (!std::exchange(is_sending_, true)) {
        sending_.start(send_all(*this));
    }
}

Async<void> SpanExporter::send_all(SpanExporter& self) {
    for (;;) {
        self.batch_ = self.queue_.take(most_in_batch);
        if (self.batch_.empty()) {
            break;
        }
        try {
            self.count(co_await self.send(self.batch_), self.batch_.size());
        } catch (const runtime::Cancelled&) {  // the process ends, and finish() sends them
            break;
        }
    }
    self.is_sending_ = false;
}

Async<SpanExporter::Attempt> SpanExporter::send(std::span<const ledger::Span> spans) {
    const auto body = watch::otlp_request(source_, spans);
    Attempt last;
    for (int number = 0; number < most_attempts; ++number) {
        if (number > 0) {
            const auto pause = std::chrono::seconds(1U << static_cast<unsigned>(number - 1));
            co_await runtime::sleep_for(last.again.count() > 0 ? last.again : pause);
        }
        last = co_await attempt(body, usual_timeout);
        if (last.taken != Taken::later) {
            break;
        }
    }
    co_return last;
}

Async<SpanExporter::Attempt> SpanExporter::attempt(std::string_view body, std::chrono::milliseconds timeout) {
    http::OutboundRequest request{.method = "POST",
                                  .url = url_,
                                  .content_type = "application/json",
                                  .options = {.headers = headers_, .timeout = timeout}};
    request.body.append(body);
    try {
        const auto answer = co_await http::Outbound(client_, parts_.offload).send(std::move(request));
        if (answer.is_success()) {
            co_return Attempt{.taken = Taken::yes, .refused = watch::refused_spans(answer.body())};
        }
        co_return Attempt{.taken = is_for_later(answer.status) ? Taken::later : Taken::no,
                          .again = pause_of(answer),
                          .why = concat({"it answers ", integer_text(answer.status)})};
    } catch (const runtime::Cancelled&) {
        throw;
    } catch (const std::exception& failed) {  // of whatever kind: who sends spans goes on
        co_return Attempt{.taken = Taken::later, .why = failed.what()};
    }
}

void SpanExporter::count(const Attempt& attempt, std::size_t spans) {
    using Outcome = ledger::SpanQueue::Outcome;
    if (attempt.taken == Taken::yes) {
        const auto refused = std::min<std::uint64_t>(attempt.refused, spans);
        queue_.count(Outcome::sent, spans - refused);
        queue_.count(Outcome::refused, refused);
        return;
    }
    queue_.count(Outcome::failed, spans);
    const auto now = monotonic_now();
    if (said_.count() == 0 || now - said_ > says_every) {
        said_ = now;
        log_warning("nobody takes spans at OTEL_EXPORTER_OTLP_ENDPOINT",
                    {{"url", url_}, {"error", attempt.why}});
    }
}

Async<void> SpanExporter::send_last(SpanExporter& self) {
    const auto until = monotonic_now() + last_timeout;
    for (;;) {
        if (self.batch_.empty()) {
            self.batch_ = self.queue_.take(most_in_batch);
        }
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - monotonic_now());
        if (self.batch_.empty() || left.count() <= 0) {
            self.queue_.count(ledger::SpanQueue::Outcome::failed, self.batch_.size());
            co_return;
        }
        const auto last = co_await self.attempt(watch::otlp_request(self.source_, self.batch_), left);
        self.count(last, self.batch_.size());
        self.batch_.clear();
    }
}

void SpanExporter::finish() {
    again_.cancel();
    sending_.stop(runtime::StopReason::shutdown);
    while (sending_.running() > 0) {
        parts_.loop.turn(std::chrono::milliseconds(10));
    }
    runtime::run(parts_.loop, send_last(*this));
}

std::unique_ptr<SpanExporter> export_spans(SpanExporter::Parts parts, const Program& program,
                                           const Settings& settings) {
    return settings.otlp_url.empty() ? nullptr : std::make_unique<SpanExporter>(parts, program, settings);
}

}  // namespace brio::app
