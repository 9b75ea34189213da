#include <brio/db/postgres_connector.hpp>

#include <pthread.h>

#include <postgresql/libpq-fe.h>

#include <brio/base/text.hpp>
#include <brio/db/postgres_error.hpp>

namespace brio::db::postgres {

namespace {

constexpr std::chrono::milliseconds first_pause{20};
constexpr std::chrono::milliseconds longest_pause{250};

struct Close {
    void operator()(pg_conn* connection) const noexcept { PQfinish(connection); }
};
using Handle = std::unique_ptr<pg_conn, Close>;

// libpq tells these apart by words only: PQconnect has no SQLSTATE before the server's first answer.
bool is_hopeless(std::string_view words) {
    for (const std::string_view each :
         {"authentication failed", "does not exist", "no pg_hba.conf entry", "invalid connection option",
          "invalid URI", "role \"", "permission denied for database", "no password supplied"}) {
        if (words.find(each) != words.npos) {
            return true;
        }
    }
    return false;
}

/// A setting that older servers do not know; the connection is as good without it.
void set_if_known(pg_conn* connection, const char* text) { PQclear(PQexec(connection, text)); }

}  // namespace

pg_conn* open_handle(const ConnectOptions& options) {
    const std::string settings =
        concat({"-c TimeZone=UTC -c DateStyle=ISO -c standard_conforming_strings=on -c statement_timeout=",
                integer_text(options.statement_limit.count())});
    // What stands before "dbname" gives way to what the URL says.
    const char* const keywords[] = {
        "connect_timeout", "application_name", "keepalives_idle", "tcp_user_timeout",
        "dbname",          "options",          "client_encoding", nullptr};
    const char* const values[] = {
        "3", options.application, "30", "10000", options.url.c_str(), settings.c_str(), "UTF8", nullptr};
    Handle handle(PQconnectdbParams(keywords, values, 1));
    if (PQstatus(handle.get()) != CONNECTION_OK) {
        const std::string words = concat({"PostgreSQL: ", trim(PQerrorMessage(handle.get()))});
        if (has_no_room(words)) {  // of a role too, which makes the other words seem hopeless
            throw NoRoom(words);
        }
        if (is_hopeless(words)) {
            throw StatementError(words);
        }
        throw Unavailable(words);
    }
    PQsetNoticeProcessor(handle.get(), [](void*, const char*) {}, nullptr);
    return handle.release();
}

std::unique_ptr<Connection> connect(const ConnectOptions& options) {
    Handle handle(open_handle(options));
    // A backend that runs a statement for nobody notices it by itself.
    set_if_known(handle.get(), "SET client_connection_check_interval = 250");
    if (!options.set_up.empty()) {
        set_if_known(handle.get(), options.set_up.c_str());
    }
    if (PQsetnonblocking(handle.get(), 1) != 0 || PQenterPipelineMode(handle.get()) == 0) {
        throw Unavailable(concat({"PostgreSQL: ", trim(PQerrorMessage(handle.get()))}));
    }
    return std::make_unique<Connection>(handle.release());
}

Connector::Connector(ConnectOptions options, std::size_t threads) : options_(std::move(options)) {
    for (std::size_t i = 0; i < threads; ++i) {
        threads_.emplace_back([this] {
            pthread_setname_np(pthread_self(), "db-connect");
            serve();
        });
    }
}

Connector::~Connector() { end(); }

void Connector::end() noexcept {
    {
        const std::scoped_lock lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) {
        thread.join();
    }
    threads_.clear();
}

void Connector::open(Opened opened, std::string set_up) {
    {
        const std::scoped_lock lock(mutex_);
        wanted_.push_back({std::move(opened), std::move(set_up)});
    }
    changed_.notify_one();
}

std::string Connector::trouble() const {
    const std::scoped_lock lock(mutex_);
    return trouble_;
}

void Connector::serve() {
    std::unique_lock lock(mutex_);
    while (!ending_) {
        if (wanted_.empty()) {
            changed_.wait(lock);
            continue;
        }
        const Wanted wanted = std::move(wanted_.front());
        wanted_.pop_front();
        lock.unlock();
        const auto outcome = try_open(wanted);
        lock.lock();
        if (outcome == Outcome::again) {
            wanted_.push_front(wanted);
        }
        if (outcome != Outcome::done) {
            changed_.wait_for(lock, pause_, [this] { return ending_; });
        }
    }
}

Connector::Outcome Connector::try_open(const Wanted& wanted) {
    std::unique_ptr<Connection> connection;
    std::exception_ptr hopeless;
    std::string words;
    bool is_full = false;
    try {
        ConnectOptions options = options_;
        options.set_up = wanted.set_up;
        connection = connect(options);
    } catch (const NoRoom& error) {
        words = error.reason();
        is_full = true;
    } catch (const Unavailable& error) {
        words = error.reason();
    } catch (const std::exception& error) {
        words = error.what();
        hopeless = std::current_exception();
    }
    {
        const std::scoped_lock lock(mutex_);
        trouble_ = is_full ? std::string() : words;  // that is no fault of the server's
        pause_ = words.empty() ? first_pause : std::clamp(pause_ * 2, first_pause, longest_pause);
    }
    if (connection == nullptr && hopeless == nullptr && !is_full) {
        return Outcome::again;
    }
    wanted.opened(std::move(connection), hopeless);
    return is_full ? Outcome::no_room : Outcome::done;
}

}  // namespace brio::db::postgres
