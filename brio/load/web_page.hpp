// The page that leads a load test (web_control.hpp): what it is made of. Pure.
#pragma once
#include <string>
#include <string_view>

#include <brio/load/plan.hpp>
#include <brio/load/web_control.hpp>

namespace brio::load {

/// The document; `load` is what it makes load with, of what was typed. Asks for nothing but /page.js and the
/// routes of web_server.hpp.
std::string web_page(const Plan& load, const WebOrder& begin);
std::string_view web_script() noexcept;

/// What changes every second, as HTML to be put into the document: the report as far as it is.
std::string web_part(const WebView& view);
/// And as JSON: `state`, `users`, `requests_per_second`, `p50_ms`, `p99_ms`, `failed` (a share), `requests`,
/// `seconds`, `level`, `problem`, `held` (null before anything is judged).
std::string web_state(const WebView& view);

}  // namespace brio::load
