#include <brio/app/queries_page.hpp>

#include <cstdio>
#include <vector>

#include <brio/app/page.hpp>
#include <brio/app/progress.hpp>
#include <brio/base/html.hpp>
#include <brio/base/text.hpp>

namespace brio::app {
namespace {

constexpr std::string_view style = R"(
:root { color-scheme: light dark;
  --ink: #1c2330; --soft: #5b6575; --paper: #fbfbf9; --line: #e1e3e0; --mark: #0b6e4f; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8ea; --soft: #9aa4b2; --paper: #14171c; --line: #2a2f37; --mark: #5fd3a8; }
}
body { margin: 0; padding: 1.5rem 1.25rem; font: .95rem/1.45 system-ui, sans-serif; color: var(--ink);
  background: var(--paper); }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .25rem; }
p { margin: .25rem 0 .75rem; color: var(--soft); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
th { color: var(--soft); font-weight: 500; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
code, pre { font: .85rem/1.4 ui-monospace, monospace; white-space: pre-wrap; margin: 0; }
a { color: var(--mark); }
)";

// A table that is written row by row.
class Table {
public:
    Table(std::string& html, std::initializer_list<std::string_view> words,
          std::initializer_list<std::string_view> numbers)
        : html_(html) {
        html_ += "<div class=\"wide\"><table>\n<tr>";
        for (auto const head : words) {
            html_ += concat({"<th scope=\"col\">", escape_html(head), "</th>"});
        }
        for (auto const head : numbers) {
            html_ += concat({"<th scope=\"col\" class=\"number\">", escape_html(head), "</th>"});
        }
        html_ += "</tr>\n";
    }
    ~Table() { html_ += "</table></div>\n"; }
    Table(const Table&) = delete;
    Table& operator=(const Table&) = delete;

    void row() { html_ += "<tr>"; }
    void words(std::string_view text) { html_ += concat({"<td>", escape_html(text), "</td>"}); }
    void code(std::string_view text) { html_ += concat({"<td><code>", escape_html(text), "</code></td>"}); }
    void count(std::uint64_t number) { html_ += concat({"<td class=\"number\">", grouped(number), "</td>"}); }
    void milliseconds(double ms) {
        char text[32];
        std::snprintf(text, sizeof text, ms < 10 ? "%.3f" : "%.1f", ms);
        html_ += concat({"<td class=\"number\">", text, "</td>"});
    }
    void statement(std::string_view name, std::string_view text) {
        html_ += concat({"<td><details><summary>", escape_html(name), "</summary><code>", escape_html(text),
                         "</code></details></td>"});
    }
    void end() { html_ += "</tr>\n"; }

private:
    std::string& html_;
};

void heading(std::string& html, std::string_view title, std::string_view words) {
    html += concat({"<h2>", escape_html(title), "</h2>\n<p>", escape_html(words), "</p>\n"});
}

void write_repeated(std::string& html, const std::vector<db::RepeatedStatement>& all) {
    heading(html, "Repeated",
            all.empty() ? "No request ran one statement again and again."
                        : "One statement again and again in one request: n+1. The figures are of the worst.");
    if (all.empty()) {
        return;
    }
    Table table(html, {"route or task", "statement", "what mends it"}, {"runs", "ms", "% of goal", "times"});
    for (auto const& each : all) {
        table.row();
        table.words(each.endpoint);
        table.statement(each.statement, each.text);
        table.words(each.fix);
        table.count(each.runs);
        table.milliseconds(each.took_ms);
        table.milliseconds(each.share * 100);
        table.count(each.times);
        table.end();
    }
}

void write_slow(std::string& html, const std::vector<db::SlowStatement>& all) {
    heading(html, "Slow",
            all.empty() ? "No statement was over its goal."
                        : "Over their goal; the figures are of the slowest run.");
    if (all.empty()) {
        return;
    }
    Table table(html, {"route or task", "statement", "why", "plan", "what mends it"},
                {"ms", "waited", "rows", "scanned", "times"});
    for (auto const& each : all) {
        std::string mend;
        for (auto const& advice : each.advice) {
            mend += concat({mend.empty() ? "" : "\n", advice.migration,
                            advice.after.empty() ? "" : "\nwith it: ", advice.after});
        }
        table.row();
        table.words(each.endpoint);
        table.statement(each.statement, each.text);
        table.words(each.words);
        table.code(each.plan);
        table.code(mend);
        table.milliseconds(each.took_ms);
        table.milliseconds(each.waited_ms);
        table.count(each.rows);
        table.count(each.scanned);
        table.count(each.times);
        table.end();
    }
}

void write_over_budget(std::string& html, const std::vector<db::ExceededBudget>& all) {
    if (all.empty()) {
        return;
    }
    heading(html, "Over budget",
            "Routes that ran more statements than they say; the figures are of the worst.");
    Table table(html, {"route or task", "what ran"}, {"statements", "budget", "times"});
    for (auto const& each : all) {
        table.row();
        table.words(each.endpoint);
        table.words(each.ran);
        table.count(each.statements);
        table.count(each.budget);
        table.count(each.times);
        table.end();
    }
}

void write_statements(std::string& html, const std::vector<db::StatementLine>& all) {
    heading(html, "Statements",
            "Since this process started, what took most time first. Times in milliseconds.");
    Table table(
        html, {"statement", "route or task"},
        {"runs", "failed", "rows", "scanned", "total", "waited", "decoded", "mean", "p95", "slowest"});
    for (auto const& each : all) {
        table.row();
        table.statement(each.statement, each.text);
        table.words(each.endpoint);
        table.count(each.count);
        table.count(each.failed);
        table.count(each.rows);
        table.count(each.scanned);
        table.milliseconds(each.took_ms);
        table.milliseconds(each.waited_ms);
        table.milliseconds(each.decoded_ms);
        table.milliseconds(each.mean_ms);
        table.milliseconds(each.p95_ms);
        table.milliseconds(each.slowest_ms);
        table.end();
    }
}

}  // namespace

std::string write_queries_page(std::string_view program, const db::QueriesReport& report) {
    auto const title = escape_html(concat({program, " · queries"}));
    std::string html =
        concat({"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
                title, "</title>\n<style>", style, "</style>\n</head>\n<body>\n<main>\n<h1>", title,
                "</h1>\n<p><a href=\"/\">admin</a> · <a href=\"/api/queries\">as JSON</a> · "
                "<a href=\"/api/indexes\">indexes: missing and unused</a></p>\n"});
    write_repeated(html, report.repeated);
    write_slow(html, report.slow);
    write_over_budget(html, report.over_budget);
    write_statements(html, report.statements);
    html += "</main>\n</body>\n</html>\n";
    return html;
}

}  // namespace brio::app
