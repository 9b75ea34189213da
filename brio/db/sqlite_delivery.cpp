#include <brio/db/sqlite_delivery.hpp>

#include <brio/db/error.hpp>
#include <brio/ledger/ledger.hpp>

namespace brio::db::sqlite {

namespace {

/// Waits until the ticket's mailbox has it; a stopped unit of work leaves it behind.
class Delivery : runtime::StopCallback {
public:
    Delivery(std::shared_ptr<Ticket> ticket, Sending sending)
        : StopCallback(
              [](StopCallback& stop, runtime::StopReason) { static_cast<Delivery&>(stop).leave_behind(); }),
          ticket_(std::move(ticket)),
          sending_(std::move(sending)) {}
    Delivery(const Delivery&) = delete;
    ~Delivery() {
        expect(!sending_.patient || !ticket_->waiting,
               "a coroutine that waits within a transaction is not destroyed");
        detach();
    }

    bool await_ready() const noexcept { return false; }
    template <std::derived_from<runtime::PromiseBase> P>
    void await_suspend(std::coroutine_handle<P> handle) {
        work_ = handle.promise().work;
        work_->check();
        ticket_->waiting = handle;
        try {
            if (sending_.submit) {
                sending_.submit(ticket_);
            } else {
                ticket_->mailbox->send(ticket_);
            }
        } catch (...) {
            ticket_->waiting = {};
            throw;
        }
        work_->on_stop(*this);
    }
    void await_resume() {
        work_->check();
        if (ticket_->error) {
            std::rethrow_exception(ticket_->error);
        }
    }

private:
    runtime::Waiting detach() noexcept {
        auto const waiting = std::exchange(ticket_->waiting, {});
        if (waiting) {
            ticket_->abandoned.store(true, std::memory_order_relaxed);
        }
        return waiting;
    }
    void leave_behind() {
        if (sending_.patient) {
            return;
        }
        if (auto waiting = detach()) {
            waiting.resume();
        }
    }

    std::shared_ptr<Ticket> ticket_;
    Sending sending_;
    runtime::Work* work_ = nullptr;
};

class WriterTransaction final : public Transaction {
public:
    explicit WriterTransaction(std::shared_ptr<TransactionTicket> ticket) : ticket_(std::move(ticket)) {}
    ~WriterTransaction() override {
        {
            const std::scoped_lock lock(ticket_->mutex);
            ticket_->left = true;
        }
        ticket_->changed.notify_one();
    }
    Async<void> run(std::shared_ptr<WriteJob> job) override { return step(Kind::job, std::move(job)); }
    Async<void> commit() override { return step(Kind::commit); }
    Async<void> savepoint() override { return step(Kind::savepoint); }
    Async<void> release() override { return step(Kind::release); }
    Async<void> undo() override { return step(Kind::undo); }

private:
    using Kind = TransactionTicket::Step::Kind;

    Async<void> step(Kind kind, std::shared_ptr<WriteJob> job = nullptr) {
        auto step = std::make_shared<TransactionTicket::Step>();
        step->mailbox = ticket_->mailbox;
        step->kind = kind;
        step->job = std::move(job);
        auto submit = [ticket = ticket_](std::shared_ptr<Ticket> submitted) {
            {
                const std::scoped_lock lock(ticket->mutex);
                if (ticket->ended) {
                    throw Unavailable(
                        "the transaction has ended: committed, failed, or longer than it may be");
                }
                ticket->steps.push_back(
                    std::static_pointer_cast<TransactionTicket::Step>(std::move(submitted)));
            }
            ticket->changed.notify_one();
        };
        co_await deliver(std::move(step), {.submit = std::move(submit), .patient = true});
    }

    std::shared_ptr<TransactionTicket> ticket_;
};

}  // namespace

Async<void> deliver(std::shared_ptr<Ticket> ticket, Sending sending) {
    auto& work = co_await runtime::current_work;
    const ledger::PhaseScope waiting(work.ledger, ledger::Phase::pool);
    co_await Delivery(ticket, std::move(sending));
    if (work.ledger != nullptr) {
        work.ledger->enter(ledger::Phase::pool);
        work.ledger->move(ledger::Phase::pool, ledger::Phase::db, ticket->executed);
    }
}

std::shared_ptr<Transaction> make_transaction(std::shared_ptr<TransactionTicket> ticket) {
    return std::make_shared<WriterTransaction>(std::move(ticket));
}

}  // namespace brio::db::sqlite
