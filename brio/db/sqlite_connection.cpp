#include <brio/db/sqlite_connection.hpp>

#include <sqlite3.h>

#include <chrono>
#include <mutex>
#include <thread>

#include <brio/base/clock.hpp>
#include <brio/base/text.hpp>
#include <brio/db/error.hpp>
#include <brio/db/sqlite_rows.hpp>

namespace brio::db::sqlite {

namespace {

// Memory statistics cost a lock in every allocation of SQLite.
void configure_library() {
    static std::once_flag once;
    std::call_once(once, [] {
        sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
        sqlite3_initialize();
    });
}

// Of several who give a new file its log at the same time, SQLite tells some that it is locked without
// waiting for the others: the busy timeout is not for a change of the mode.
void await_log(sqlite3* handle, std::chrono::milliseconds patience) {
    constexpr std::chrono::milliseconds look_again{2};
    const auto until = monotonic_now() + patience;
    while ((sqlite3_exec(handle, "PRAGMA journal_mode=WAL", nullptr, nullptr, nullptr) & 0xff) ==
               SQLITE_BUSY &&
           monotonic_now() < until) {
        std::this_thread::sleep_for(look_again);
    }
}

/// The pattern of GLOB that means the pattern of LIKE whose escape is a backslash: LIKE cannot be told to
/// heed the case for one statement and not for the next.
std::string glob_of(std::string_view like) {
    std::string glob;
    for (std::size_t i = 0; i < like.size(); ++i) {
        const char c = like[i];
        if (c == '%' || c == '_') {
            glob += c == '%' ? '*' : '?';
            continue;
        }
        const char plain = c == '\\' && i + 1 < like.size() ? like[++i] : c;
        if (plain == '*' || plain == '?' || plain == '[') {
            glob += {'[', plain, ']'};
        } else {
            glob += plain;
        }
    }
    return glob;
}

void bind(sqlite3_stmt* statement, int at, const sql::Value& value) {
    const auto length = static_cast<sqlite3_uint64>(value.bytes.size());
    // An empty view may have no address, which SQLite would take for NULL.
    const char* bytes = value.bytes.empty() ? "" : value.bytes.data();
    switch (value.kind) {
        case sql::ValueKind::null: sqlite3_bind_null(statement, at); break;
        case sql::ValueKind::integer:
        case sql::ValueKind::boolean:
        case sql::ValueKind::timestamp:
        case sql::ValueKind::decimal: sqlite3_bind_int64(statement, at, value.integer); break;
        case sql::ValueKind::real: sqlite3_bind_double(statement, at, value.real); break;
        case sql::ValueKind::blob: sqlite3_bind_blob64(statement, at, bytes, length, SQLITE_STATIC); break;
        case sql::ValueKind::text:
        case sql::ValueKind::json:
        case sql::ValueKind::list:
            sqlite3_bind_text64(statement, at, bytes, length, SQLITE_STATIC, SQLITE_UTF8);
            break;
        case sql::ValueKind::pattern: {
            const std::string glob = glob_of(value.bytes);
            sqlite3_bind_text64(statement, at, glob.data(), glob.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
            break;
        }
    }
}

// In the order of Connection::Control; then how writers begin, and what they look at.
constexpr const char* control_texts[] = {
    "BEGIN",       "COMMIT",          "ROLLBACK",        "SAVEPOINT job",
    "RELEASE job", "ROLLBACK TO job", "BEGIN IMMEDIATE", "PRAGMA schema_version"};

// Between two tries of who waits for the write lock, and for the turn to try.
constexpr std::chrono::microseconds pause_in_turn{200};
constexpr std::chrono::microseconds pause_before_turn{500};
// Then the turn is not waited for any more: a process may have been stopped with it.
constexpr std::chrono::milliseconds longest_turn{500};

struct Reset {
    sqlite3_stmt* statement;
    ~Reset() { sqlite3_reset(statement); }
};

}  // namespace

Connection::Connection(ConnectionOptions options) {
    configure_library();
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (options.create ? SQLITE_OPEN_CREATE : 0);
    const int code = sqlite3_open_v2(options.path.c_str(), &handle_, flags, nullptr);
    if (code != SQLITE_OK) {
        const std::string words = handle_ != nullptr ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
        sqlite3_close_v2(handle_);
        throw Unavailable(concat({"cannot open the database ", options.path, ": ", words}));
    }
    try {
        configure(options);
    } catch (...) {
        sqlite3_close_v2(handle_);
        throw;
    }
}

Connection::~Connection() {
    for (const auto& prepared : prepared_) {
        if (prepared != nullptr) {
            sqlite3_finalize(prepared->handle);
        }
    }
    for (sqlite3_stmt* control : controls_) {
        sqlite3_finalize(control);
    }
    sqlite3_close_v2(handle_);
}

void Connection::configure(const ConnectionOptions& options) {
    sqlite3_extended_result_codes(handle_, 1);
    sqlite3_busy_timeout(handle_, static_cast<int>(options.busy_timeout.count()));
    await_log(handle_, options.busy_timeout);
    execute("PRAGMA journal_mode=WAL");
    execute("PRAGMA foreign_keys=ON");
    execute("PRAGMA temp_store=MEMORY");
    execute("PRAGMA trusted_schema=OFF");
    execute(concat({"PRAGMA mmap_size=", integer_text(options.mmap_bytes)}).c_str());
    execute(concat({"PRAGMA cache_size=-", integer_text(options.cache_kib)}).c_str());
    execute("PRAGMA wal_autocheckpoint=0");
    execute(concat({"PRAGMA journal_size_limit=", integer_text(options.most_kept_log)}).c_str());
    if (options.writes) {
        turn_.emplace(options.path);
        execute("PRAGMA synchronous=FULL");
        sqlite3_wal_hook(handle_, &Connection::on_commit, this);
    } else {
        execute("PRAGMA query_only=ON");
    }
    sqlite3_progress_handler(handle_, 1000, &Connection::on_progress, this);
}

int Connection::on_progress(void* connection) {
    const Budget& budget = static_cast<Connection*>(connection)->budget_;
    return (budget.stop != nullptr && budget.stop->load(std::memory_order_relaxed)) || ticks() > budget.until;
}

int Connection::on_commit(void* connection, sqlite3*, const char*, int pages) {
    auto& self = *static_cast<Connection*>(connection);
    self.wal_pages_ = pages;
    ++self.commits_;
    return SQLITE_OK;
}

Prepared& Connection::prepare(const sql::Statement& statement) {
    const std::uint32_t number = statement.number();
    if (number < prepared_.size() && prepared_[number] != nullptr) [[likely]] {
        return *prepared_[number];
    }
    auto made = std::make_unique<Prepared>();
    const std::string_view text = statement.text(sql::Dialect::sqlite);
    const char* tail = nullptr;
    const int code = sqlite3_prepare_v3(handle_, text.data(), static_cast<int>(text.size()),
                                        SQLITE_PREPARE_PERSISTENT, &made->handle, &tail);
    if (code != SQLITE_OK) {
        throw_error(handle_, code, text);
    }
    if (made->handle == nullptr || !trim(text.substr(static_cast<std::size_t>(tail - text.data()))).empty()) {
        sqlite3_finalize(made->handle);
        throw StatementError(concat({"not exactly one statement: ", text}));
    }
    if (number >= prepared_.size()) {
        prepared_.resize(number + 1);
    }
    prepared_[number] = std::move(made);
    return *prepared_[number];
}

Outcome Connection::run(Query& query, const Budget& budget) {
    Prepared& prepared = prepare(*query.statement);
    if (static_cast<std::size_t>(sqlite3_bind_parameter_count(prepared.handle)) != query.values.size()) {
        throw StatementError(concat(
            {"another number of values than of parameters: ", query.statement->text(sql::Dialect::sqlite)}));
    }
    for (std::size_t i = 0; i < query.values.size(); ++i) {
        bind(prepared.handle, static_cast<int>(i) + 1, query.values[i]);
    }
    query.rows = 0;
    budget_ = budget;
    const Outcome outcome = step_all(prepared, query);
    budget_ = {};
    query.scanned =
        static_cast<std::uint64_t>(sqlite3_stmt_status(prepared.handle, SQLITE_STMTSTATUS_FULLSCAN_STEP, 1));
    return outcome;
}

Outcome Connection::step_all(Prepared& prepared, Query& query) {
    const Reset reset{prepared.handle};
    int code = SQLITE_OK;
    if (query.json != nullptr) {
        code = encode_rows(prepared.handle, *query.json);
        query.rows = query.json->rows;
    } else {
        const StatementColumns columns(prepared.handle);
        while ((code = sqlite3_step(prepared.handle)) == SQLITE_ROW) {
            ++query.rows;
            if (query.sink != nullptr) {
                query.sink->row(columns);
            }
        }
    }
    if (code == SQLITE_INTERRUPT) {
        return Outcome::interrupted;
    }
    if (code != SQLITE_DONE) {
        throw_error(handle_, code, query.statement->text(sql::Dialect::sqlite));
    }
    if (query.statement->type() != sql::StatementType::select) {
        query.changes = static_cast<std::uint64_t>(sqlite3_changes64(handle_));
        query.inserted_id = sqlite3_last_insert_rowid(handle_);
    }
    return Outcome::done;
}

sqlite3_stmt* Connection::control_handle(std::size_t at) {
    if (controls_[at] == nullptr) {
        const int code = sqlite3_prepare_v3(handle_, control_texts[at], -1, SQLITE_PREPARE_PERSISTENT,
                                            &controls_[at], nullptr);
        if (code != SQLITE_OK) {
            throw_error(handle_, code, control_texts[at]);
        }
    }
    return controls_[at];
}

void Connection::control(Control control) {
    const auto at = static_cast<std::size_t>(control);
    const Reset reset{control_handle(at)};
    if (const int code = sqlite3_step(reset.statement); code != SQLITE_DONE) {
        throw_error(handle_, code, control_texts[at]);
    }
}

void Connection::execute(const char* text) {
    const int code = sqlite3_exec(handle_, text, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) {
        throw_error(handle_, code, text);
    }
}

std::int64_t Connection::integer(const char* text) {
    sqlite3_stmt* statement = nullptr;
    if (const int code = sqlite3_prepare_v2(handle_, text, -1, &statement, nullptr); code != SQLITE_OK) {
        throw_error(handle_, code, text);
    }
    const int code = sqlite3_step(statement);
    const std::int64_t value = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_finalize(statement);
    if (code != SQLITE_ROW) {
        throw_error(handle_, code, text);
    }
    return value;
}

bool Connection::begin_write(std::chrono::milliseconds most, const std::function<bool()>& abandon) {
    struct Give {
        WriteTurn& turn;
        ~Give() { turn.give(); }
    };
    const auto began = monotonic_now();
    const Give give{*turn_};
    sqlite3_busy_timeout(handle_, 0);
    for (;;) {
        const bool has_turn = turn_->take();
        const auto waited = monotonic_now() - began;
        if ((has_turn || waited > longest_turn) && try_to_begin()) {
            return true;
        }
        if (waited > most || abandon()) {
            return false;
        }
        std::this_thread::sleep_for(has_turn ? pause_in_turn : pause_before_turn);
    }
}

bool Connection::try_to_begin() {
    const Reset reset{control_handle(6)};
    const int code = sqlite3_step(reset.statement);
    if (code != SQLITE_DONE && (code & 0xff) != SQLITE_BUSY) {
        throw_error(handle_, code, "BEGIN IMMEDIATE");
    }
    return code == SQLITE_DONE;
}

std::int64_t Connection::schema_version() {
    const Reset reset{control_handle(7)};
    if (const int code = sqlite3_step(reset.statement); code != SQLITE_ROW) {
        throw_error(handle_, code, control_texts[7]);
    }
    return sqlite3_column_int64(reset.statement, 0);
}

bool Connection::in_transaction() const noexcept { return sqlite3_get_autocommit(handle_) == 0; }

std::uint32_t Connection::change_counter() noexcept {
    sqlite3_file* file = nullptr;
    if (sqlite3_file_control(handle_, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK ||
        file == nullptr || file->pMethods == nullptr || file->pMethods->iVersion < 2) {
        return 0;
    }
    // The index is mapped by SQLite already, so this asks for an address and takes no lock. iChange is the
    // third word.
    void volatile* index = nullptr;
    if (file->pMethods->xShmMap(file, 0, 32 * 1024, 0, &index) != SQLITE_OK || index == nullptr) {
        return 0;
    }
    auto* words = static_cast<std::uint32_t*>(const_cast<void*>(index));
    return std::atomic_ref<std::uint32_t>(words[2]).load(std::memory_order_acquire);
}

Connection::Checkpointed Connection::checkpoint(bool wait) noexcept {
    Checkpointed done;
    const int code = sqlite3_wal_checkpoint_v2(handle_, "main",
                                               wait ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE,
                                               &done.pages, &done.moved);
    // Busy with all of it moved: a reader of the log is left, and the log goes on growing.
    if (wait && (code & 0xff) == SQLITE_BUSY && done.moved == done.pages && done.moved > 0) {
        --done.moved;
    }
    return done;
}

}  // namespace brio::db::sqlite
