#include <algorithm>

#include <brio/db/error.hpp>
#include <brio/db/sqlite_writer.hpp>

namespace brio::db::sqlite {

namespace {

/// Whoever still waits for a step learns that the transaction has ended.
std::deque<std::shared_ptr<TransactionTicket::Step>> end(TransactionTicket& ticket) {
    const std::scoped_lock lock(ticket.mutex);
    ticket.ended = true;
    return std::exchange(ticket.steps, {});
}

/// The next step; none when the handle is gone or the time is over.
std::shared_ptr<TransactionTicket::Step> next_step(TransactionTicket& ticket,
                                                   std::chrono::steady_clock::time_point until) {
    std::unique_lock lock(ticket.mutex);
    if (!ticket.changed.wait_until(lock, until, [&] { return ticket.left || !ticket.steps.empty(); }) ||
        ticket.left) {
        return nullptr;
    }
    auto step = std::move(ticket.steps.front());
    ticket.steps.pop_front();
    return step;
}

}  // namespace

void Writer::run_transaction(TransactionTicket& ticket) {
    const auto until = std::chrono::steady_clock::now() + ticket.most;
    auto self = std::static_pointer_cast<Ticket>(ticket.shared_from_this());
    Tickets finished;
    try {
        const auto is_abandoned = [&] { return ticket.abandoned.load(std::memory_order_relaxed); };
        if (is_abandoned()) {
            throw Unavailable("nobody waits for the transaction any more");
        }
        begin(is_abandoned);
    } catch (...) {
        roll_back();
        ticket.error = std::current_exception();
        end(ticket);
        finished.push_back(std::move(self));
        deliver(finished);
        return;
    }
    finished.push_back(std::move(self));
    deliver(finished);

    Slots written;
    for (bool open = true; open;) {
        auto step = next_step(ticket, until);
        if (step == nullptr) {
            break;
        }
        const Ticks begun = ticks();
        open = serve_step(*step, written);
        step->executed = ticks() - begun;
        if (!open) {
            end(ticket);
        }
        finished.push_back(std::move(step));
        deliver(finished);
    }
    roll_back();
    for (auto& step : end(ticket)) {
        step->error = std::make_exception_ptr(
            Unavailable("the transaction took longer than it may and was rolled back"));
        finished.push_back(std::move(step));
    }
    deliver(finished);
}

/// False when the transaction has ended: committed, or taken down by an error.
bool Writer::serve_step(TransactionTicket::Step& step, Slots& written) {
    try {
        using Kind = TransactionTicket::Step::Kind;
        switch (step.kind) {
            case Kind::job: break;
            case Kind::savepoint: connection_.control(Connection::Control::savepoint); return true;
            case Kind::undo: connection_.control(Connection::Control::undo); [[fallthrough]];
            case Kind::release: connection_.control(Connection::Control::release); return true;
            case Kind::commit:
                commit(written);
                if (metrics_ != nullptr) {
                    metrics_->batch(1);
                }
                return false;
        }
    } catch (...) {
        step.error = std::current_exception();
        roll_back();
        return false;
    }
    JobTicket job;
    job.job = step.job;
    const bool open = execute_job(job, written);
    step.error = job.error;
    return open;
}

}  // namespace brio::db::sqlite
