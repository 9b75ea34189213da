// One connection to PostgreSQL on a loop, always in libpq's pipeline mode. Internal.
//
// Whoever sends has a Round: the messages it waits for. Messages are sent in order and answered in order;
// what is sent between two syncs is one implicit transaction, and when one of its messages fails the rest of
// them are aborted. A Round that is destroyed is forgotten: what still comes for it is thrown away.
//
// On a shared connection the rounds of one loop turn get one sync, so they leave in one write; a round that
// another's failure aborted is to be sent again. On a leased one each round ends with a sync of its own.
#pragma once
#include <coroutine>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <brio/base/clock.hpp>
#include <brio/db/engine.hpp>
#include <brio/db/error.hpp>
#include <brio/db/postgres_types.hpp>
#include <brio/runtime/awaitables.hpp>
#include <brio/runtime/loop.hpp>

struct pg_conn;
struct pg_result;

namespace brio::db::postgres {

/// The connection broke before everything was answered. A read may be sent again; whether a write was carried
/// out is not known.
class ConnectionLost : public Unavailable {
public:
    explicit ConnectionLost(std::string_view reason, bool undone = false)
        : Unavailable(std::string(reason)),
          undone_(undone) {}
    /// The server said that it has undone what was asked: it may be sent again even if it writes.
    bool was_undone() const noexcept { return undone_; }

private:
    bool undone_;
};

/// A statement that one connection has prepared, as the server described it.
struct Prepared {
    enum class State : std::uint8_t {
        unknown,
        asked,
        ready,
        refused,  // the server has it, but its rows have a type that is not read
    };
    const sql::Statement* statement = nullptr;
    State state = State::unknown;
    std::string name;
    std::vector<Oid> parameters;
    std::vector<Form> columns;
    std::exception_ptr error;  // of the last try to prepare it
};

class Connection;

/// Messages that are waited for together. Lives in the frame of the coroutine that waits.
class Round {
public:
    explicit Round(Connection& connection) noexcept : connection_(connection) {}
    Round(const Round&) = delete;
    Round& operator=(const Round&) = delete;
    ~Round();

    bool was_aborted() const noexcept { return aborted_; }
    const std::exception_ptr& error() const noexcept { return error_; }
    void throw_error() const {
        if (error_) {
            std::rethrow_exception(error_);
        }
    }

private:
    friend class Connection;
    Connection& connection_;
    int pending_ = 0;
    bool aborted_ = false;
    std::exception_ptr error_;
    runtime::Waiting waiting_;
    Round* next_done_ = nullptr;
    Round** done_at_ = nullptr;  // the pointer that points here while it is about to be resumed
};

class Connection : runtime::Watch, runtime::TurnHook {
public:
    /// Takes a connection that is open, not blocking and in pipeline mode.
    explicit Connection(pg_conn* connection) noexcept;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    /// On the loop's thread; whatever else is below, while attached.
    void attach(runtime::Loop& loop);
    void detach() noexcept;
    bool is_attached() const noexcept { return loop_ != nullptr; }
    runtime::Loop* loop() const noexcept { return loop_; }

    /// The statement's entry when it is ready.
    Prepared* find_prepared(const sql::Statement& statement) const noexcept {
        const std::uint32_t number = statement.number();
        return number < prepared_.size() && prepared_[number] != nullptr &&
                       prepared_[number]->state == Prepared::State::ready
                   ? prepared_[number].get()
                   : nullptr;
    }
    /// Gives the entry of the statement, asking the server when it is new. Throws StatementError.
    Async<Prepared*> prepare(const sql::Statement& statement);
    /// Sends an execution of what prepare() gave. Rows go to the query when `round` still lives. Throws
    /// StatementError or CheckViolation when the values do not fit; then nothing was sent.
    void send(Round& round, Query& query, Prepared& prepared);
    /// The same of what only sets how the next one runs. The server answers all until a sync at once: the
    /// time until then is the next one's, and not this one's.
    void send_aside(Round& round, Query& query, Prepared& prepared);
    /// Aside as well. Text without parameters or rows: BEGIN, SAVEPOINT, …
    void send(Round& round, const char* text);
    /// Ends an implicit transaction; everything leaves. The round also waits for this.
    void sync(Round& round);
    /// A sync at the end of the loop's turn, for all that was sent in it; nobody waits for it.
    void sync_at_turn_end();

    /// Waits for the round's messages. Throws Cancelled when the work is stopped, never the round's error.
    auto finish(Round& round);
    /// Waits until nothing is under way.
    Async<void> drain();
    /// Calls `leave` at the end of this turn, when nothing here looks at the connection any more: then it may
    /// be detached, given to another loop or destroyed.
    void leave_at_turn_end(std::function<void(Connection&)> leave);

    /// Treats the connection as broken.
    void give_up(std::string_view reason) { fail(reason); }
    bool is_broken() const noexcept { return broken_; }
    /// Nothing is under way, and no transaction is open.
    bool is_clean() const noexcept;
    bool in_transaction() const noexcept;
    std::size_t in_flight() const noexcept { return in_flight_.size(); }
    /// From the answer before the last sync to that of the sync: what a commit took.
    std::uint64_t sync_ns() const noexcept { return sync_ns_; }
    int server_process() const noexcept;
    /// Asks the socket, for one that lay idle: false when the server has closed it or said something.
    bool is_alive() const noexcept;

    /// What lasts until the connection is clean again, however its unit of work left.
    struct Attachment {
        virtual ~Attachment() = default;
    };
    std::unique_ptr<Attachment> until_clean;

private:
    struct Message {
        enum class Kind : std::uint8_t { prepare, describe, query, control, sync } kind;
        Round* round = nullptr;
        Query* query = nullptr;
        Prepared* prepared = nullptr;
        bool is_aside = false;
        Ticks sent = 0;
        bool answered = false;
    };
    friend class Round;
    class Finish;

    void push(Message message);
    void forget(Round& round) noexcept;
    void on_ready(std::uint32_t events);
    void read_results();
    void take(Message& message, const pg_result* result);
    void take_rows(Message& message, const pg_result* result);
    void take_error(Message& message, const pg_result* result);
    void describe(Message& message, const pg_result* result);
    void complete(Message& message);
    void resume_done();
    void unlink(Round& round) noexcept;
    static void note_error(Round& round, std::exception_ptr error) noexcept;
    void end_turn();
    void flush();
    void fail(std::string_view reason);
    void ask_to_prepare(Prepared& prepared);

    pg_conn* connection_;
    runtime::Loop* loop_ = nullptr;
    std::deque<Message> in_flight_;
    std::vector<std::unique_ptr<Prepared>> prepared_;  // by the statement's number
    Parameters parameters_;
    runtime::WaitList changes_;  // of prepared statements, and of in_flight_ becoming empty
    Ticks last_answer_ = 0;
    std::uint64_t sync_ns_ = 0;
    bool sync_wanted_ = false;
    bool writing_ = false;  // the socket was full
    bool broken_ = false;
    bool outdated_ = false;
    Round* done_ = nullptr;
    Round** done_end_ = &done_;
    std::function<void(Connection&)> leaving_;
};

class Connection::Finish : runtime::StopCallback {
public:
    explicit Finish(Round& round) noexcept
        : StopCallback([](StopCallback& stop, runtime::StopReason) { static_cast<Finish&>(stop).give_up(); }),
          round_(round) {}
    bool await_ready() const noexcept { return round_.pending_ == 0; }
    template <std::derived_from<runtime::PromiseBase> P>
    bool await_suspend(std::coroutine_handle<P> handle) {
        work_ = handle.promise().work;
        if (work_->stopped != runtime::StopReason::none) {
            round_.connection_.forget(round_);
            return false;
        }
        round_.waiting_ = handle;
        work_->on_stop(*this);
        return true;
    }
    void await_resume() const {
        if (work_ != nullptr) {
            work_->check();
        }
    }

private:
    void give_up() {
        round_.connection_.forget(round_);
        std::exchange(round_.waiting_, {}).resume();
    }
    Round& round_;
    runtime::Work* work_ = nullptr;
};

inline auto Connection::finish(Round& round) { return Finish(round); }

}  // namespace brio::db::postgres
