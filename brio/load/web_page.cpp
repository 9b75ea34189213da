#include <brio/load/web_page.hpp>

#include <cstdint>
#include <optional>

#include <brio/base/figures.hpp>
#include <brio/base/html.hpp>
#include <brio/base/text.hpp>
#include <brio/json/write.hpp>
#include <brio/load/detail/report_style.hpp>
#include <brio/load/detail/web_script.hpp>
#include <brio/load/report_html.hpp>
#include <brio/reflect/enums.hpp>

namespace brio::load {
namespace {

double in_seconds(std::chrono::nanoseconds time) noexcept {
    return std::chrono::duration<double>(time).count();
}

struct Told {
    std::string state;
    std::size_t users;
    double requests_per_second;
    double p50_ms;
    double p99_ms;
    double failed;
    std::uint64_t requests;
    double seconds;
    double level;
    std::optional<bool> held;
    std::string problem;
};

struct Field {
    std::string_view id;
    std::string_view label;
    double value;
    std::string_view limits;  // attributes
};

std::string number_text(double value) {
    return value == static_cast<double>(static_cast<std::int64_t>(value))
               ? integer_text(static_cast<std::int64_t>(value))
               : decimal_text(value, 2);
}

void add(std::string& html, const Field& field) {
    html += concat({"<label>", field.label, "<input id=\"", field.id, "\" type=\"number\" required ",
                    field.limits, " value=\"", number_text(field.value), "\"></label>\n"});
}

constexpr std::string_view figures = R"(
<dl id="figures">
<div><dt>state</dt><dd><span id="state" role="status">ready</span></dd></div>
<div><dt>for</dt><dd id="seconds">0 s</dd></div>
<div><dt id="users-name">users</dt><dd id="users">0</dd></div>
<div><dt>requests/s</dt><dd id="rate">0</dd></div>
<div><dt>p50</dt><dd id="p50">–</dd></div>
<div><dt>p99</dt><dd id="p99">–</dd></div>
<div><dt>failed</dt><dd id="failed">0 %</dd></div>
</dl>
<p id="problem" class="bad" role="alert"></p>
<div id="part"><p>Nothing has run yet: say how much, and begin.</p></div>
)";

constexpr std::string_view page_style = R"(
h1 { overflow-wrap: anywhere; }
form { display: flex; flex-wrap: wrap; gap: .75rem 1rem; align-items: end; margin: 1rem 0; }
label { display: grid; gap: .2rem; color: var(--soft); font-size: .85rem; }
input { font: inherit; width: 8rem; padding: .35rem .5rem; color: var(--ink); background: var(--wash);
  border: 1px solid var(--line); border-radius: .3rem; }
button { font: inherit; font-weight: 600; padding: .4rem 1rem; border: 0; border-radius: .3rem;
  color: var(--on); background: var(--good); cursor: pointer; }
button#stop { background: var(--bad); } button:disabled { opacity: .45; cursor: default; }
input:focus-visible, button:focus-visible, a:focus-visible { outline: 2px solid var(--line-4);
  outline-offset: 2px; }
#figures { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin: 0 0 .5rem; }
#figures div { min-width: 5rem; } dt { color: var(--soft); font-size: .85rem; }
dd { margin: 0; font-size: 1.25rem; font-variant-numeric: tabular-nums; }
nav a { color: var(--line-4); margin-right: 1rem; }
)";

}  // namespace

std::string web_page(const Plan& load, const WebOrder& begin) {
    const std::string title = concat({"Load test of ", load.shown_target()});
    std::string html =
        concat({"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
                escape_html(title), "</title>\n<style>", detail::report_style, page_style,
                "</style>\n<script src=\"/page.js\" defer></script>\n</head>\n<body data-model=\"",
                load.is_open() ? "open" : "closed", "\">\n<h1>", escape_html(title), "</h1>\n<p>",
                escape_html(load.scenario), ", ", words_of(load.model),
                load.is_open() ? " model: requests begin at a rate, whatever became of earlier ones"
                               : " model: each user waits for its answer",
                "</p>\n<form id=\"order\">\n"});
    add(html, {.id = "level",
               .label = load.is_open() ? "arrivals a second" : "users",
               .value = begin.level,
               .limits = load.is_open() ? "min=\"0.01\" max=\"1000000\" step=\"any\""
                                        : "min=\"1\" max=\"1000000\" step=\"1\""});
    add(html, {.id = "rise_s",
               .label = "reached within, s",
               .value = begin.rise_s,
               .limits = "min=\"0\" max=\"604800\" step=\"any\""});
    add(html, {.id = "for_s",
               .label = "for, s (0: until stopped)",
               .value = begin.for_s,
               .limits = "min=\"0\" max=\"604800\" step=\"any\""});
    return html +
           "<button id=\"start\" type=\"submit\">Start</button>\n"
           "<button id=\"stop\" type=\"button\" disabled>Stop</button>\n</form>\n" +
           std::string(figures) +
           "<nav aria-label=\"files\"><a href=\"/report.html\" download>report.html</a>\n"
           "<a href=\"/report.json\" download>report.json</a>\n"
           "<a href=\"/stats.csv\" download>stats.csv</a>\n"
           "<a href=\"/failures.csv\" download>failures.csv</a></nav>\n</body>\n</html>\n";
}

std::string_view web_script() noexcept { return detail::web_script; }

std::string web_part(const WebView& view) {
    return view.report ? write_html_part(*view.report, view.state == WebState::over) : std::string();
}

std::string web_state(const WebView& view) {
    Told told{.state = std::string(reflect::enum_name(view.state)),
              .users = view.users,
              .requests_per_second = view.requests_per_second,
              .p50_ms = view.p50_ms,
              .p99_ms = view.p99_ms,
              .failed = 0,
              .requests = 0,
              .seconds = 0,
              .level = view.order.level,
              .held = {},
              .problem = view.problem};
    if (view.report) {
        const Outcome& outcome = view.report->outcome;
        const RequestRecord total = outcome.record.total();
        told.failed = total.failure_ratio();
        told.requests = total.requests();
        told.seconds = in_seconds(outcome.counted);
        if (view.state == WebState::over) {
            const Histogram latency = total.latency();
            told.requests_per_second = outcome.requests_per_second();
            told.p50_ms = static_cast<double>(latency.quantile(0.5)) / 1e6;
            told.p99_ms = static_cast<double>(latency.quantile(0.99)) / 1e6;
        }
        if (told.requests > 0) {
            told.held = view.report->verdict.held();
        }
    }
    return json::to_string(told);
}

}  // namespace brio::load
