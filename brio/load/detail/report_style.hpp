// How the page of a load test looks; the colours are the dashboard's.
#pragma once
#include <string_view>

namespace brio::load::detail {

inline constexpr std::string_view report_style = R"(
:root { color-scheme: light dark;
  --ink: #1c2330; --soft: #576171; --paper: #fbfbf9; --line: #dfe1de; --good: #0b6e4f; --bad: #b3261e;
  --wash: #f1f2ef; --on: #fff;
  --line-1: #0b6e4f; --line-2: #b06a00; --line-3: #a8324a; --line-4: #3b6fb6; --line-5: #7b52ab;
  --line-6: #6b7480; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8ea; --soft: #9ca6b4; --paper: #14171c; --line: #2b313a; --good: #5fd3a8; --bad: #ff8a80;
    --wash: #1b1f26; --on: #14171c;
    --line-1: #5fd3a8; --line-2: #f0b45a; --line-3: #ff8a9d; --line-4: #7fb2f0; --line-5: #bd9af0;
    --line-6: #9ca6b4; }
}
@media print {
  :root { color-scheme: light; --ink: #000; --soft: #444; --paper: #fff; --line: #ccc; --good: #0b6e4f;
    --bad: #b3261e; --wash: #fff; --on: #fff;
    --line-1: #0b6e4f; --line-2: #b06a00; --line-3: #a8324a; --line-4: #3b6fb6; --line-5: #7b52ab;
    --line-6: #6b7480; }
  figure, tr { break-inside: avoid; } h2 { break-after: avoid; }
}
* { print-color-adjust: exact; }
body { margin: 0 auto; max-width: 70rem; padding: 1.5rem 1.25rem 3rem;
  font: .95rem/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .4rem; }
p { margin: .25rem 0 .75rem; color: var(--soft); }
p.bad { color: var(--bad); } p.limit { color: var(--ink); font-size: 1.05rem; }
.verdict { font-size: 1.2rem; font-weight: 600; padding: .5rem .75rem; border-radius: .3rem; }
p.verdict { color: var(--on); } p.verdict.good { background: var(--good); }
p.verdict.bad { background: var(--bad); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin-bottom: .75rem; }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
th { color: var(--soft); font-weight: 500; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tr.bad td { color: var(--bad); } tr.good td:nth-child(2) { color: var(--good); }
tr.all td { font-weight: 600; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(30rem, 100%), 1fr)); gap: 1rem; }
.one { max-width: 42rem; }
figure { margin: 0 0 .75rem; } figcaption { font-weight: 500; }
figure svg { display: block; width: 100%; height: auto; }
.grid { stroke: var(--line); } .axis { fill: var(--soft); font: 11px system-ui, sans-serif; }
.line { fill: none; stroke-width: 1.8; stroke-linejoin: round; } .dot { fill-opacity: .75; }
path.line-1 { stroke: var(--line-1); } path.line-2 { stroke: var(--line-2); }
path.line-3 { stroke: var(--line-3); } path.line-4 { stroke: var(--line-4); }
path.line-5 { stroke: var(--line-5); } path.line-6 { stroke: var(--line-6); }
circle.line-1 { fill: var(--line-1); } circle.line-2 { fill: var(--line-2); }
circle.line-3 { fill: var(--line-3); }
span.line-1 { background: var(--line-1); } span.line-2 { background: var(--line-2); }
span.line-3 { background: var(--line-3); } span.line-4 { background: var(--line-4); }
span.line-5 { background: var(--line-5); } span.line-6 { background: var(--line-6); }
.key { display: inline-block; width: .7rem; height: .7rem; border-radius: .15rem; margin: 0 .3rem 0 .8rem; }
.bar { display: flex; height: 1.6rem; border-radius: .3rem; overflow: hidden; margin: .5rem 0; }
.bar span { color: var(--on); font-size: .8rem; line-height: 1.6rem; text-align: center; overflow: hidden;
  white-space: nowrap; min-width: 2px; }
)";

}  // namespace brio::load::detail
