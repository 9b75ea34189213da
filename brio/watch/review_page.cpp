#include <brio/watch/review_sections.hpp>
#include <brio/watch/review_writers.hpp>

#include <algorithm>
#include <cmath>

#include <brio/base/figures.hpp>
#include <brio/base/html.hpp>
#include <brio/base/text.hpp>

namespace brio::watch {

namespace {

constexpr std::string_view style = R"(
:root { color-scheme: light dark;
  --ink: #1c2330; --soft: #5b6575; --paper: #fbfbf9; --card: #ffffff; --line: #e1e3e0; --good: #0b6e4f;
  --bad: #b3261e; --mild: #8a5a00; --p0: #3866b0; --p1: #b0603a; --p2: #5f8f3f; --p3: #8a5fa8;
  --p4: #8b8f96; }
@media (prefers-color-scheme: dark) { :root {
  --ink: #e6e8ea; --soft: #9aa4b2; --paper: #14171c; --card: #1b1f26; --line: #2a2f37; --good: #5fd3a8;
  --bad: #ff8a80; --mild: #f0c060; --p0: #7da7f0; --p1: #e89a70; --p2: #9ccc74; --p3: #c39ae0;
  --p4: #9aa0a8; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 2rem 1.25rem; font: .95rem/1.5 system-ui, sans-serif; color: var(--ink);
  background: var(--paper); }
main { max-width: 78rem; margin: 0 auto; }
h1 { margin: 0; font-size: 1.6rem; letter-spacing: -.02em; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .25rem; } p { margin: .25rem 0 .75rem; }
.soft { color: var(--soft); } .headline { font-size: 1.15rem; font-weight: 600; }
.notes { border-left: 3px solid var(--mild); padding: .1rem 0 .1rem .9rem; color: var(--soft); }
ol.first { margin: .5rem 0 0; padding: 0; list-style: none; counter-reset: first; display: grid; gap: .6rem; }
ol.first li { counter-increment: first; padding: .7rem 1rem .75rem 3rem; position: relative;
  background: var(--card); border: 1px solid var(--line); border-radius: .5rem; overflow-wrap: anywhere; }
ol.first li::before { content: counter(first); position: absolute; left: 1rem; top: .6rem; font-size: 1.2rem;
  font-weight: 700; color: var(--soft); }
ol.first p { margin: .15rem 0 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .4rem .9rem .4rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; min-width: 3.5rem; }
th { color: var(--soft); font-weight: 500; white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
code { font: .82rem/1.4 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
td code { display: block; min-width: 14rem; max-width: 34rem; }
.tag { display: inline-block; padding: 0 .5rem; border: 1px solid currentColor; border-radius: 1rem;
  font-size: .8rem; white-space: nowrap; color: var(--soft); }
.good { color: var(--good); } .bad { color: var(--bad); } .mild { color: var(--mild); }
.bar { display: flex; width: 9rem; height: .8rem; margin-top: .35rem; border-radius: .2rem; overflow: hidden;
  background: var(--line); }
.bar i { display: block; background: var(--p4); }
.bar i:nth-child(1) { background: var(--p0); } .bar i:nth-child(2) { background: var(--p1); }
.bar i:nth-child(3) { background: var(--p2); } .bar i:nth-child(4) { background: var(--p3); }
svg { display: block; } .line { fill: none; stroke: var(--p0); stroke-width: 1.5; stroke-linejoin: round; }
.old { stroke: var(--p4); } .limit { stroke: var(--bad); stroke-dasharray: 3 3; }
@media print { body { padding: 0; font-size: .75rem; background: none; } .wide { overflow: visible; }
  h2, tr, li { break-inside: avoid; } h2 { break-after: avoid; } td code { min-width: 0; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  @page { size: A4 landscape; margin: 12mm; } }
)";

std::string_view tone_of(std::string_view word) noexcept {
    constexpr std::pair<std::string_view, std::string_view> tones[] = {
        {"missed", "bad"},   {"reached", "bad"}, {"now", "bad"},   {"missing", "mild"},
        {"growing", "mild"}, {"soon", "mild"},   {"kept", "good"}, {"steady", "good"}};
    const auto* found = std::ranges::find(tones, word, &std::pair<std::string_view, std::string_view>::first);
    return found == std::end(tones) ? std::string_view() : found->second;
}

std::string tag(std::string_view word) {
    return concat({"<span class=\"tag ", tone_of(word), "\">", escape_html(word), "</span>"});
}

std::string decimal(double value) { return decimal_text(value, 1); }

/// A line through the values, broken where one is unknown; what was before the period in another colour.
class Course {
public:
    explicit Course(const ReviewCell& cell) : cell_(cell) {
        top_ = cell.limit;
        for (const float value : cell.values) {
            top_ = std::isnan(value) ? top_ : std::max(top_, static_cast<double>(value));
        }
    }

    std::string svg() const {
        if (known() < 2 || top_ <= 0) {
            return {};
        }
        auto out =
            concat({"<svg width=\"", decimal(width), "\" height=\"", decimal(height), "\" viewBox=\"0 0 ",
                    decimal(width), " ", decimal(height), "\" role=\"img\" aria-label=\"",
                    escape_html(cell_.text), "\"><title>", escape_html(cell_.text), "</title>"});
        if (cell_.limit > 0) {
            out +=
                concat({"<path class=\"line limit\" d=\"M0 ", y(cell_.limit), "H", decimal(width), "\"/>"});
        }
        out += path(0, cell_.begins, "line old");
        out += path(cell_.begins, cell_.values.size(), "line");
        return out + "</svg>";
    }

private:
    static constexpr double width = 150;
    static constexpr double height = 36;

    std::ptrdiff_t known() const {
        return std::ranges::count_if(cell_.values, [](float value) { return !std::isnan(value); });
    }
    std::string x(std::size_t i) const {
        return decimal(static_cast<double>(i) / static_cast<double>(cell_.values.size() - 1) * width);
    }
    std::string y(double value) const { return decimal(height - 1 - value / top_ * (height - 2)); }

    std::string path(std::size_t first, std::size_t end, std::string_view kind) const {
        std::string line;
        bool is_on = false;
        for (auto i = first; i < end; ++i) {
            if (std::isnan(cell_.values[i])) {
                is_on = false;
                continue;
            }
            // a value that stands alone is a short stroke
            line += concat({is_on ? "L" : "M", x(i), " ", y(cell_.values[i]), is_on ? "" : "h1"});
            is_on = true;
        }
        return line.empty() ? "" : concat({"<path class=\"", kind, "\" d=\"", line, "\"/>"});
    }

    const ReviewCell& cell_;
    double top_ = 0;
};

std::string bar(const ReviewCell& cell) {
    auto out = concat({"<div class=\"bar\" role=\"img\" aria-label=\"", escape_html(cell.text), "\">"});
    for (const float value : cell.values) {
        out += concat({"<i style=\"width:", decimal(std::clamp<double>(value, 0, 1) * 100), "%\"></i>"});
    }
    return out + "</div>";
}

std::string cell_html(const ReviewCell& cell) {
    const auto text = escape_html(cell.text);
    switch (cell.kind) {
        case ReviewCell::Kind::code: return text.empty() ? "" : concat({"<code>", text, "</code>"});
        case ReviewCell::Kind::verdict: return tag(cell.text);
        case ReviewCell::Kind::course: return Course(cell).svg();
        case ReviewCell::Kind::parts: return bar(cell);
        case ReviewCell::Kind::share: return cell.text.empty() ? "" : concat({text, bar(cell)});
        case ReviewCell::Kind::words:
        case ReviewCell::Kind::number: break;
    }
    return text;
}

void write_table(std::string& html, const ReviewSection& section) {
    html += concat({"<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"",
                    escape_html(section.title), "\"><table>\n<thead><tr>"});
    for (const ReviewColumn& column : section.columns) {
        html += concat({"<th scope=\"col\"", column.is_number ? " class=\"number\">" : ">",
                        escape_html(column.title), "</th>"});
    }
    html += "</tr></thead>\n<tbody>\n";
    for (const auto& row : section.rows) {
        html += "<tr>";
        for (const ReviewCell& cell : row) {
            html += concat({cell.kind == ReviewCell::Kind::number ? "<td class=\"number\">" : "<td>",
                            cell_html(cell), "</td>"});
        }
        html += "</tr>\n";
    }
    html += "</tbody></table></div>\n";
}

void write_first(std::string& html, const std::vector<ReviewAction>& actions) {
    html += "<section>\n<h2>What to do first</h2>\n";
    if (actions.empty()) {
        html += "<p class=\"soft\">Nothing asks for it.</p>\n</section>\n";
        return;
    }
    html += "<ol class=\"first\">\n";
    for (const ReviewAction& each : actions) {
        html += concat({"<li><b>", escape_html(each.what), "</b> ", tag(each.urgency), "<p>",
                        escape_html(each.why), "</p>",
                        each.how.empty() ? "" : concat({"<p>", escape_html(each.how), "</p>"}),
                        each.code.empty() ? "" : concat({"<p><code>", escape_html(each.code), "</code></p>"}),
                        "<p class=\"soft\">To gain: ", escape_html(each.gain), ".</p></li>\n"});
    }
    html += "</ol>\n</section>\n";
}

}  // namespace

std::string write_html(const Review& review) {
    const auto title = escape_html(concat({review.program, ": review of ", review.since}));
    auto html =
        concat({"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
                title, "</title>\n<style>", style, "</style>\n</head>\n<body>\n<main>\n<h1>", title,
                "</h1>\n<p class=\"soft\">", minute_text(review.period.from), " to ",
                minute_text(review.period.until), " UTC, version ", escape_html(review.version),
                "</p>\n<p class=\"headline\">", escape_html(review.headline), "</p>\n"});
    if (!review.notes.empty()) {
        html += "<div class=\"notes\">\n";
        for (const std::string& note : review.notes) {
            html += concat({"<p>", escape_html(note), "</p>\n"});
        }
        html += "</div>\n";
    }
    write_first(html, review.first);
    for (const ReviewSection& section : sections_of(review)) {
        html += concat({"<section>\n<h2>", escape_html(section.title), "</h2>\n<p class=\"soft\">",
                        escape_html(section.words), "</p>\n"});
        if (!section.rows.empty()) {
            write_table(html, section);
        }
        html += "</section>\n";
    }
    html += "</main>\n</body>\n</html>\n";
    return html;
}

}  // namespace brio::watch
