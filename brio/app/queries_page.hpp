// The page of the database's statements: what they cost, which are slow and why, which are repeated.
#pragma once
#include <string>
#include <string_view>

#include <brio/db/report.hpp>

namespace brio::app {

/// A complete HTML document without script; every text is escaped.
std::string write_queries_page(std::string_view program, const db::QueriesReport& report);

}  // namespace brio::app
