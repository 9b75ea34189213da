// Who has the connections of a pool, as its report says it. Internal.
#pragma once
#include <atomic>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <brio/sql/statement.hpp>

namespace brio::db::postgres {

/// Who has a connection, for the report.
struct Holder {
    std::string name;  // the route or the task
    std::chrono::nanoseconds since{};
    std::string_view statement;  // the last one's name
};

/// The same while it is held: any thread may look.
struct HolderEntry {
    std::string name;
    std::chrono::nanoseconds since{};
    std::atomic<const sql::Statement*> statement{nullptr};
};

/// "3 of 3 connections in use: /a for 1.2 s (resources by id), …", the longest first, at most eight.
std::string describe_holders(std::vector<Holder> holders, std::size_t most, std::chrono::nanoseconds now);

/// "1.2 s": what is over a tenth is left out.
std::string seconds_text(std::chrono::nanoseconds time);

}  // namespace brio::db::postgres
