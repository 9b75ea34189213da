// Makes a connection fit for the next one whose unit of work left it in the middle of something. Internal.
#pragma once
#include <chrono>

#include <brio/db/postgres_connection.hpp>

namespace brio::db::postgres {

class Keeper;

inline constexpr std::chrono::milliseconds longest_clean_up{500};

/// Cancels what runs, by the keeper, and ends the transaction. Where that fails, or takes longer than
/// `longest_clean_up`, the connection is not clean afterwards. On its loop.
Async<void> clean_up(Connection& connection, Keeper& keeper);

}  // namespace brio::db::postgres
