// A load test as one page that needs nothing else: verdict, limit, charts over time, tables. No script, no
// outside file; light, dark and on paper.
#pragma once
#include <string>

#include <brio/load/report.hpp>

namespace brio::load {

/// A complete HTML document; every text in it is escaped.
std::string write_html(const Report& report);
/// Its content, from the verdict on, for a page that shows it while it grows; what generator and server used
/// of their machines is known only when it `is_over`.
std::string write_html_part(const Report& report, bool is_over);

}  // namespace brio::load
