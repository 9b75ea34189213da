// How a coroutine gives a ticket to the writer and waits for it. Internal.
#pragma once
#include <functional>
#include <memory>

#include <brio/db/sqlite_writer.hpp>

namespace brio::db::sqlite {

struct Sending {
    std::function<void(std::shared_ptr<Ticket>)> submit;  // none: through the ticket's mailbox
    // A stopped unit of work waits for the end all the same, because rows go to its own variables.
    bool patient = false;
};

/// Waits until the writer has done with the ticket; throws what it says went wrong. A stopped unit of work
/// leaves the ticket behind and gets Cancelled. In the ledger waiting is `pool`, what the writer did with the
/// ticket is `db`.
Async<void> deliver(std::shared_ptr<Ticket> ticket, Sending sending);

/// The handle of an interactive transaction that the writer serves.
std::shared_ptr<Transaction> make_transaction(std::shared_ptr<TransactionTicket> ticket);

}  // namespace brio::db::sqlite
