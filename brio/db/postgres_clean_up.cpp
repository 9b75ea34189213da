#include <brio/db/postgres_clean_up.hpp>

#include <brio/db/postgres_keeper.hpp>
#include <brio/runtime/within.hpp>

namespace brio::db::postgres {

namespace {

Async<bool> cancel_and_roll_back(Connection& connection, Keeper& keeper) {
    if (connection.in_flight() != 0) {
        co_await keeper.cancel(connection.server_process());
        co_await connection.drain();
    }
    // Also where no transaction is open: a cancel that comes late hits this, and not who is next.
    Round round(connection);
    connection.send(round, "ROLLBACK");
    connection.sync(round);
    co_await connection.finish(round);
    co_return true;
}

}  // namespace

Async<void> clean_up(Connection& connection, Keeper& keeper) {
    try {
        co_await runtime::within(longest_clean_up, cancel_and_roll_back(connection, keeper));
    } catch (const std::exception&) {
        // Then it is not clean, and whoever asked closes it.
    }
}

}  // namespace brio::db::postgres
