// One connection to PostgreSQL in libpq's pipeline mode, its answers taken as they come.
#pragma once
#include <postgresql/libpq-fe.h>
#include <bench/raw/epoll_loop.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace bench {

/// A value in PostgreSQL's binary format; a view of bytes that live until send() returns.
using Bytes = std::string_view;

/// Numbers as PostgreSQL sends them: big-endian.
std::string wire_integer(std::int64_t number);
std::int64_t integer_at(const PGresult* result, int row, int column);
std::string_view text_at(const PGresult* result, int row, int column);
/// Microseconds since 1970 as a timestamptz, which counts from 2000, and back.
inline constexpr std::int64_t postgres_epoch = 946'684'800'000'000;

class PostgresLink : public Watched {
public:
    /// Connects, blocking, and runs `set_up` (SETs and PREPAREs). Throws std::runtime_error with the server's
    /// message.
    PostgresLink(const std::string& url, std::span<const char* const> set_up);

    int fd() const { return PQsocket(connection_.get()); }
    std::size_t in_flight() const { return waiting_.size(); }

    /// Appends a run of the prepared statement; `answered` gets its result, null after a failure that ended
    /// the connection. Nothing leaves before flush().
    void send(const char* statement, std::span<const Bytes> values, std::function<void(PGresult*)> answered);
    /// Ends the batch of what was sent since the last flush, and writes it.
    void flush();
    /// Reads what has come and gives it to those who wait. Throws std::runtime_error when the server is gone.
    void read();

private:
    struct End {
        void operator()(PGconn* connection) const { PQfinish(connection); }
    };
    std::unique_ptr<PGconn, End> connection_;
    std::deque<std::function<void(PGresult*)>> waiting_;
    std::size_t batches_ = 0;  // whose end has not come back yet
    bool has_unsent_ = false;
};

}  // namespace bench
