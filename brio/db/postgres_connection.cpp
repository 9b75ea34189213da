#include <brio/db/postgres_connection.hpp>

#include <poll.h>
#include <sys/epoll.h>

#include <postgresql/libpq-fe.h>

#include <brio/base/text.hpp>
#include <brio/db/postgres_error.hpp>
#include <brio/db/postgres_rows.hpp>

namespace brio::db::postgres {

constexpr std::string_view lost_words = "PostgreSQL: the connection broke";

Round::~Round() { connection_.forget(*this); }

Connection::Connection(pg_conn* connection) noexcept
    : Watch([](Watch& watch, std::uint32_t events) { static_cast<Connection&>(watch).on_ready(events); }),
      TurnHook([](TurnHook& hook) { static_cast<Connection&>(hook).end_turn(); }),
      connection_(connection) {}

Connection::~Connection() {
    for (Message& message : in_flight_) {
        expect(message.round == nullptr || !message.round->waiting_,
               "a connection that is waited for is not destroyed");
    }
    detach();
    PQfinish(connection_);
}

void Connection::attach(runtime::Loop& loop) {
    loop_ = &loop;
    loop.add(*this, PQsocket(connection_), EPOLLIN);
}

void Connection::detach() noexcept {
    if (loop_ != nullptr && is_watching()) {
        loop_->remove(*this);
    }
    loop_ = nullptr;
}

bool Connection::in_transaction() const noexcept { return PQtransactionStatus(connection_) != PQTRANS_IDLE; }
bool Connection::is_clean() const noexcept { return !broken_ && in_flight_.empty() && !in_transaction(); }
int Connection::server_process() const noexcept { return PQbackendPID(connection_); }

bool Connection::is_alive() const noexcept {
    pollfd look{.fd = PQsocket(connection_), .events = POLLIN | POLLRDHUP, .revents = 0};
    if (broken_ || ::poll(&look, 1, 0) < 0 || (look.revents & ~POLLIN) != 0) {
        return false;
    }
    // Under TLS there may be something to read that is none of the server's words.
    return look.revents == 0 || PQsslInUse(connection_) != 0;
}

// -- sending --

void Connection::push(Message message) {
    if (message.round != nullptr) {
        ++message.round->pending_;
    }
    message.sent = ticks();
    in_flight_.push_back(message);
}

Async<Prepared*> Connection::prepare(const sql::Statement& statement) {
    const std::uint32_t number = statement.number();
    if (number >= prepared_.size()) {
        prepared_.resize(number + 1);
    }
    if (prepared_[number] == nullptr) {
        prepared_[number] = std::make_unique<Prepared>();
        prepared_[number]->statement = &statement;
        prepared_[number]->name = concat({"s", integer_text(number)});
    }
    Prepared* const prepared = prepared_[number].get();
    for (bool asked = false; prepared->state != Prepared::State::ready; asked = true) {
        if (asked && prepared->error) {
            std::rethrow_exception(prepared->error);
        }
        if (broken_) {
            throw ConnectionLost(lost_words);
        }
        if (prepared->state == Prepared::State::unknown) {
            ask_to_prepare(*prepared);
        }
        co_await changes_.wait();
    }
    co_return prepared;
}

void Connection::ask_to_prepare(Prepared& prepared) {
    prepared.error = nullptr;
    prepared.parameters.clear();
    prepared.columns.clear();
    const std::string text(prepared.statement->text(sql::Dialect::postgresql));
    if (PQsendPrepare(connection_, prepared.name.c_str(), text.c_str(), 0, nullptr) == 0 ||
        PQsendDescribePrepared(connection_, prepared.name.c_str()) == 0) {
        fail(PQerrorMessage(connection_));
        return;
    }
    prepared.state = Prepared::State::asked;
    push({.kind = Message::Kind::prepare, .prepared = &prepared});
    push({.kind = Message::Kind::describe, .prepared = &prepared});
    sync_at_turn_end();
}

void Connection::send(Round& round, Query& query, Prepared& prepared) {
    if (query.values.size() != prepared.parameters.size()) {
        throw StatementError(concat({"another number of values than of parameters: ",
                                     prepared.statement->text(sql::Dialect::postgresql)}));
    }
    parameters_.encode(query.values, prepared.parameters);
    if (broken_ ||
        PQsendQueryPrepared(connection_, prepared.name.c_str(), parameters_.count(), parameters_.pointers(),
                            parameters_.lengths(), parameters_.formats(), 1) == 0) {
        fail(PQerrorMessage(connection_));
        throw ConnectionLost(lost_words);
    }
    push({.kind = Message::Kind::query, .round = &round, .query = &query, .prepared = &prepared});
}

void Connection::send_aside(Round& round, Query& query, Prepared& prepared) {
    send(round, query, prepared);
    in_flight_.back().is_aside = true;
}

void Connection::send(Round& round, const char* text) {
    if (broken_ || PQsendQueryParams(connection_, text, 0, nullptr, nullptr, nullptr, nullptr, 1) == 0) {
        fail(PQerrorMessage(connection_));
        throw ConnectionLost(lost_words);
    }
    push({.kind = Message::Kind::control, .round = &round, .is_aside = true});
}

void Connection::sync(Round& round) {
    if (broken_ || PQpipelineSync(connection_) == 0) {
        fail(PQerrorMessage(connection_));
        throw ConnectionLost(lost_words);
    }
    push({.kind = Message::Kind::sync, .round = &round});
    flush();
}

void Connection::sync_at_turn_end() {
    sync_wanted_ = true;
    loop_->at_turn_end(*this);
}

void Connection::end_turn() {
    // Whoever goes on below may ask to leave: that is for the next round of hooks, which has this again.
    const bool leaves = leaving_ != nullptr;
    if (!broken_) {
        flush();
    }
    if (broken_) {
        resume_done();
    }
    if (leaves) {
        std::exchange(leaving_, nullptr)(*this);  // may destroy this, or hand it to another thread
    }
}

void Connection::leave_at_turn_end(std::function<void(Connection&)> leave) {
    leaving_ = std::move(leave);
    loop_->at_turn_end(*this);
}

void Connection::flush() {
    if (sync_wanted_) {
        sync_wanted_ = false;
        if (PQpipelineSync(connection_) == 0) {
            fail(PQerrorMessage(connection_));
            return;
        }
        push({.kind = Message::Kind::sync});
    }
    const int left = PQflush(connection_);
    if (left < 0) {
        fail(PQerrorMessage(connection_));
        return;
    }
    if ((left == 1) != writing_ && loop_ != nullptr) {
        writing_ = left == 1;
        loop_->change(*this, writing_ ? EPOLLIN | EPOLLOUT : EPOLLIN);
    }
}

// -- receiving --

void Connection::on_ready(std::uint32_t events) {
    if ((events & EPOLLOUT) != 0) {
        flush();
    }
    if (!broken_) {
        const bool open = PQconsumeInput(connection_) != 0;
        read_results();  // also at the end: the server's last words may be an error
        if (!open || PQstatus(connection_) == CONNECTION_BAD) {
            fail(PQerrorMessage(connection_));
        } else if (outdated_) {
            fail("what it has prepared is outdated");
        }
    }
    resume_done();
}

void Connection::read_results() {
    while (!in_flight_.empty() && PQisBusy(connection_) == 0) {
        pg_result* const result = PQgetResult(connection_);
        Message& message = in_flight_.front();
        const bool is_sync = message.kind == Message::Kind::sync;
        if (result != nullptr) {
            const bool ends = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
            if (!ends) {
                take(message, result);
            }
            message.answered = true;
            PQclear(result);
            if (!ends) {
                continue;  // the end of a message's results comes as no result
            }
        } else if (PQstatus(connection_) == CONNECTION_BAD || (!is_sync && !message.answered)) {
            return;  // broken: fail() answers what is left
        } else if (is_sync) {
            continue;  // an error of the commit came before the sync itself
        }
        complete(message);
        in_flight_.pop_front();
    }
}

void Connection::take(Message& message, const pg_result* result) {
    switch (PQresultStatus(result)) {
        case PGRES_TUPLES_OK:
        case PGRES_COMMAND_OK:
            if (message.kind == Message::Kind::describe) {
                describe(message, result);
            } else if (message.kind == Message::Kind::query && message.round != nullptr) {
                take_rows(message, result);
            }
            break;
        case PGRES_PIPELINE_ABORTED:
            if (message.round != nullptr) {
                message.round->aborted_ = true;
            }
            if (message.kind != Message::Kind::query && message.prepared != nullptr &&
                message.prepared->state == Prepared::State::asked) {
                message.prepared->state = Prepared::State::unknown;
            }
            break;
        default: take_error(message, result);
    }
}

void Connection::take_rows(Message& message, const pg_result* result) {
    Query& query = *message.query;
    const std::vector<Form>& forms = message.prepared->columns;
    const Ticks came = ticks();
    query.took_ns = ticks_to_ns(came - std::max(message.sent, last_answer_)) + 1;
    try {
        if (query.json != nullptr) {
            encode_rows(result, forms, *query.json);
            query.rows = query.json->rows;
            query.decoded_ns = ticks_to_ns(ticks() - came);
            return;
        }
        query.rows = static_cast<std::uint64_t>(PQntuples(result));
        query.changes = 0;
        if (const std::string_view count = PQcmdTuples(const_cast<pg_result*>(result)); !count.empty()) {
            std::from_chars(count.data(), count.data() + count.size(), query.changes);
        }
        ResultColumns columns(result, forms);
        if (query.sink != nullptr) {
            query.sink->clear();
            for (int row = 0; row < PQntuples(result); ++row) {
                columns.move_to(row);
                query.sink->row(columns);
            }
            query.decoded_ns = ticks_to_ns(ticks() - came);
        } else if (query.statement->type() == sql::StatementType::insert && query.rows == 1 &&
                   forms.front() == Form::int8) {
            query.inserted_id = columns.integer(0);
        }
    } catch (...) {
        note_error(*message.round, std::current_exception());
    }
}

void Connection::note_error(Round& round, std::exception_ptr error) noexcept {
    if (!round.error_) {
        round.error_ = std::move(error);
    }
}

void Connection::take_error(Message& message, const pg_result* result) {
    auto field = [&](int code) {
        const char* text = PQresultErrorField(result, code);
        return std::string_view(text != nullptr ? text : "");
    };
    std::exception_ptr error;
    try {
        const std::string_view state = field(PG_DIAG_SQLSTATE);
        const std::string_view words = field(PG_DIAG_MESSAGE_PRIMARY);
        if (state.empty()) {
            throw ConnectionLost(concat({"PostgreSQL: ", PQresultErrorMessage(result)}));
        }
        if (field(PG_DIAG_SOURCE_FUNCTION) == "RevalidateCachedQuery") {
            // A migration changed the types of a prepared statement's columns: a new connection has no such.
            outdated_ = true;
            throw ConnectionLost(concat({"PostgreSQL: ", words}), true);
        }
        if (state.starts_with("57P")) {  // the server goes down, and has undone the transaction
            throw ConnectionLost(concat({"PostgreSQL: ", words}), message.kind != Message::Kind::sync);
        }
        throw_error({.sqlstate = state,
                     .message = words,
                     .detail = field(PG_DIAG_MESSAGE_DETAIL),
                     .constraint = field(PG_DIAG_CONSTRAINT_NAME),
                     .column = field(PG_DIAG_COLUMN_NAME)},
                    message.prepared != nullptr ? message.prepared->statement->text(sql::Dialect::postgresql)
                                                : std::string_view());
    } catch (...) {
        error = std::current_exception();
    }
    if (message.kind == Message::Kind::prepare || message.kind == Message::Kind::describe) {
        message.prepared->state = Prepared::State::unknown;
        message.prepared->error = error;
    } else if (message.round != nullptr) {
        note_error(*message.round, error);
    }
}

void Connection::describe(Message& message, const pg_result* result) {
    Prepared& prepared = *message.prepared;
    for (int i = 0; i < PQnparams(result); ++i) {
        prepared.parameters.push_back(PQparamtype(result, i));
    }
    for (int i = 0; i < PQnfields(result); ++i) {
        const auto form = form_of(PQftype(result, i));
        if (!form) {
            const std::string_view name = PQfname(result, i);
            prepared.error = std::make_exception_ptr(StatementError(
                concat({"the column ", name, " has a type that is not read: cast it, as in ", name,
                        "::text, in: ", prepared.statement->text(sql::Dialect::postgresql)})));
            prepared.state = Prepared::State::refused;
            return;
        }
        prepared.columns.push_back(*form);
    }
    prepared.state = Prepared::State::ready;
}

void Connection::complete(Message& message) {
    const Ticks now = ticks();
    if (message.kind == Message::Kind::sync) {
        sync_ns_ = ticks_to_ns(now - std::max(message.sent, last_answer_));
    }
    last_answer_ = message.is_aside ? last_answer_ : now;
    if (message.round != nullptr && --message.round->pending_ == 0) {
        message.round->done_at_ = done_end_;
        *done_end_ = message.round;
        done_end_ = &message.round->next_done_;
    }
}

// Rounds go on after all results were read. Whoever gives its connection back does it at the turn's end, so
// this stays here meanwhile.
void Connection::resume_done() {
    while (done_ != nullptr) {
        Round& round = *done_;
        unlink(round);
        if (round.waiting_) {
            std::exchange(round.waiting_, {}).resume();
        }
    }
    if (changes_.size() != 0) {
        changes_.notify_all();
    }
}

void Connection::unlink(Round& round) noexcept {
    if (round.done_at_ == nullptr) {
        return;
    }
    *round.done_at_ = round.next_done_;
    if (round.next_done_ != nullptr) {
        round.next_done_->done_at_ = round.done_at_;
    } else {
        done_end_ = round.done_at_;
    }
    round.done_at_ = nullptr;
    round.next_done_ = nullptr;
}

void Connection::forget(Round& round) noexcept {
    unlink(round);
    if (round.pending_ == 0) {
        return;
    }
    for (Message& message : in_flight_) {
        if (message.round == &round) {
            message.round = nullptr;
            message.query = nullptr;
        }
    }
    round.pending_ = 0;
}

Async<void> Connection::drain() {
    while (!in_flight_.empty()) {
        co_await changes_.wait();
    }
}

/// Everything under way is answered with the loss. Those who wait go on at the turn's end at the latest.
void Connection::fail(std::string_view reason) {
    if (broken_) {
        return;
    }
    broken_ = true;
    sync_wanted_ = false;
    const auto lost = std::make_exception_ptr(ConnectionLost(concat({"PostgreSQL: ", trim(reason)})));
    for (Message& message : in_flight_) {
        if (message.round != nullptr) {
            note_error(*message.round, lost);
        } else if (message.prepared != nullptr && message.prepared->state == Prepared::State::asked) {
            message.prepared->state = Prepared::State::unknown;
        }
        complete(message);
    }
    in_flight_.clear();
    if (loop_ != nullptr && is_watching()) {
        loop_->remove(*this);
    }
    if (loop_ != nullptr && (done_ != nullptr || changes_.size() != 0)) {
        loop_->at_turn_end(*this);
    }
}

}  // namespace brio::db::postgres
