// One blocking connection to PostgreSQL: for migrations, checks and secrets. Requests go through the engine.
//
// A session waits in the calling thread, so it belongs to command lines and start-up, never to a loop.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct pg_conn;
struct pg_result;

namespace brio::db::postgres {

/// A URL that PostgreSQL's client library understands: `postgresql://…` or `postgres://…`.
bool is_postgresql_url(std::string_view url) noexcept;

/// Throws std::invalid_argument for what is no such URL, without repeating it: it may hold a password.
void expect_postgresql_url(const std::string& url);

/// Where the server is, without user and password: `127.0.0.1:5432/shop`. For messages.
std::string place_of(std::string_view url);

class Session {
public:
    using Text = std::optional<std::string>;  // nothing: NULL
    using Row = std::vector<Text>;

    /// Waits up to 5 s unless the URL has a connect_timeout of its own, and as long for a connection where
    /// the server has none left. Times are read and written in UTC. Throws std::invalid_argument for what is
    /// no URL, Unavailable when nobody answers or lets it in.
    explicit Session(const std::string& url);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session();

    /// Text without parameters; several statements are one transaction unless they say otherwise. Throws
    /// error.hpp's exceptions.
    void execute(const std::string& text);
    /// As execute(), and calls `meanwhile` time and again while the server is at work.
    void execute_watched(const std::string& text, std::chrono::milliseconds every,
                         const std::function<void()>& meanwhile);
    /// One statement with parameters `$1`, … in PostgreSQL's text form; its rows in the same form.
    std::vector<Row> query(const std::string& text, const std::vector<Text>& parameters = {});
    /// The first column of the first row; nothing when there is none, or NULL.
    Text value(const std::string& text, const std::vector<Text>& parameters = {});

    /// The server process that serves this session, as pg_stat_activity and pg_locks name it.
    int server_process() const noexcept;

private:
    void expect_well(pg_result* result, std::string_view statement);

    pg_conn* connection_ = nullptr;
};

}  // namespace brio::db::postgres
