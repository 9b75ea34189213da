#include <brio/app/page.hpp>

#include <brio/base/html.hpp>

namespace brio::app {
namespace {

constexpr std::string_view style = R"(
:root { color-scheme: light dark;
  --ink: #1c2330; --soft: #5b6575; --paper: #fbfbf9; --line: #e1e3e0; --mark: #0b6e4f; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8ea; --soft: #9aa4b2; --paper: #14171c; --line: #2a2f37; --mark: #5fd3a8; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 2rem 1.25rem;
  font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
main { width: min(36rem, 100%); }
h1 { margin: 0 0 .25rem; font-size: 1.75rem; letter-spacing: -.02em; }
p { margin: 0 0 1.75rem; color: var(--soft); }
ul { margin: 0; padding: 0; list-style: none; border-top: 1px solid var(--line); }
li { border-bottom: 1px solid var(--line); }
a { display: flex; gap: 1rem; justify-content: space-between; align-items: baseline; padding: .8rem .25rem;
  color: inherit; text-decoration: none; }
a b { font: 600 .95rem ui-monospace, monospace; color: var(--mark); }
a span { color: var(--soft); text-align: right; }
a:hover b, a:focus-visible b { text-decoration: underline; }
)";

}  // namespace

std::string write_page(const Page& page) {
    auto const title = escape_html(page.title);
    std::string html =
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>";
    html.append(title)
        .append("</title>\n<style>")
        .append(style)
        .append("</style>\n</head>\n<body>\n<main>\n<h1>");
    html.append(title).append("</h1>\n<p>").append(escape_html(page.introduction)).append("</p>\n<ul>\n");
    for (auto const& link : page.links) {
        html.append("<li><a href=\"")
            .append(escape_html(link.href))
            .append("\"><b>")
            .append(escape_html(link.label));
        html.append("</b><span>").append(escape_html(link.words)).append("</span></a></li>\n");
    }
    html.append("</ul>\n</main>\n</body>\n</html>\n");
    return html;
}

}  // namespace brio::app
