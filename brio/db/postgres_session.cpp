#include <brio/db/postgres_session.hpp>

#include <poll.h>
#include <postgresql/libpq-fe.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <thread>

#include <brio/base/clock.hpp>
#include <brio/base/log.hpp>
#include <brio/base/text.hpp>
#include <brio/db/error.hpp>
#include <brio/db/postgres_error.hpp>

namespace brio::db::postgres {

namespace {

// For a connection, where the server has none left.
constexpr std::chrono::seconds waits_for_room{5};
constexpr std::chrono::milliseconds between_tries{100};

struct Clear {
    void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, Clear>;

struct Options {
    explicit Options(const std::string& url) : list(PQconninfoParse(url.c_str(), nullptr)) {}
    ~Options() { PQconninfoFree(list); }
    Options(const Options&) = delete;
    Options& operator=(const Options&) = delete;

    std::string_view operator[](std::string_view keyword) const {
        for (const PQconninfoOption* each = list; each != nullptr && each->keyword != nullptr; ++each) {
            if (each->keyword == keyword && each->val != nullptr) {
                return each->val;
            }
        }
        return {};
    }

    PQconninfoOption* list;
};

std::string_view field(const PGresult* result, int code) {
    const char* text = PQresultErrorField(result, code);
    return text != nullptr ? std::string_view(text) : std::string_view();
}

std::string without_line_end(std::string text) {
    while (!text.empty() && text.back() == '\n') {
        text.pop_back();
    }
    return text;
}

// The server's warnings are worth a line; its notices were asked for by nobody.
void log_notice(void*, const PGresult* result) {
    log_warning("the database server warns", {{"message", field(result, PG_DIAG_MESSAGE_PRIMARY)}});
}

}  // namespace

bool is_postgresql_url(std::string_view url) noexcept {
    return url.starts_with("postgresql://") || url.starts_with("postgres://");
}

void expect_postgresql_url(const std::string& url) {
    if (!is_postgresql_url(url) || Options(url).list == nullptr) {
        throw std::invalid_argument(
            "DATABASE_URL must be postgresql://user:password@host:port/name, with % and two digits for what "
            "is "
            "no letter or digit in a password");
    }
}

std::string place_of(std::string_view url) {
    const Options options{std::string(url)};
    const auto host = options["host"].empty() ? options["hostaddr"] : options["host"];
    const auto port = options["port"];
    const auto name = options["dbname"].empty() ? options["user"] : options["dbname"];
    return concat({host.empty() ? "localhost" : host, ":", port.empty() ? "5432" : port, "/", name});
}

Session::Session(const std::string& url) {
    expect_postgresql_url(url);
    // What stands before "dbname" gives way to what the URL says.
    const std::array<const char*, 5> keywords{"connect_timeout", "application_name", "client_encoding",
                                              "dbname", nullptr};
    const std::array<const char*, 5> values{"5", "brio", "UTF8", url.c_str(), nullptr};
    for (const auto until = monotonic_now() + waits_for_room;;) {
        connection_ = PQconnectdbParams(keywords.data(), values.data(), 1);
        if (connection_ != nullptr && PQstatus(connection_) == CONNECTION_OK) {
            break;
        }
        const std::string why = without_line_end(PQerrorMessage(connection_));
        PQfinish(connection_);
        if (!has_no_room(why) || monotonic_now() >= until) {
            throw Unavailable(concat({"PostgreSQL at ", place_of(url), ": ", why}));
        }
        std::this_thread::sleep_for(between_tries);
    }
    PQsetNoticeReceiver(connection_, log_notice, nullptr);
    try {
        execute(
            "SET TimeZone = 'UTC'; SET client_min_messages = warning; SET standard_conforming_strings = on");
    } catch (...) {
        PQfinish(connection_);
        throw;
    }
}

Session::~Session() { PQfinish(connection_); }

void Session::expect_well(PGresult* result, std::string_view statement) {
    const ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY) {
        return;
    }
    if (field(result, PG_DIAG_SQLSTATE).empty()) {
        throw_error({.sqlstate = {}, .message = without_line_end(PQerrorMessage(connection_))}, statement);
    }
    throw_error({.sqlstate = field(result, PG_DIAG_SQLSTATE),
                 .message = field(result, PG_DIAG_MESSAGE_PRIMARY),
                 .detail = field(result, PG_DIAG_MESSAGE_DETAIL),
                 .constraint = field(result, PG_DIAG_CONSTRAINT_NAME),
                 .column = field(result, PG_DIAG_COLUMN_NAME)},
                statement);
}

void Session::execute(const std::string& text) {
    const Result result(PQexec(connection_, text.c_str()));
    expect_well(result.get(), text);
}

void Session::execute_watched(const std::string& text, std::chrono::milliseconds every,
                              const std::function<void()>& meanwhile) {
    if (PQsendQuery(connection_, text.c_str()) == 0) {
        expect_well(nullptr, text);
    }
    Result last;
    for (;;) {
        while (PQisBusy(connection_) != 0) {
            pollfd socket{.fd = PQsocket(connection_), .events = POLLIN, .revents = 0};
            if (::poll(&socket, 1, static_cast<int>(every.count())) == 0) {
                meanwhile();
            } else if (PQconsumeInput(connection_) == 0) {
                break;  // the connection is lost, which the result says
            }
        }
        Result next(PQgetResult(connection_));
        if (next == nullptr) {
            break;
        }
        // Of several statements, the first that failed ended them all.
        last = std::move(next);
    }
    expect_well(last.get(), text);
}

std::vector<Session::Row> Session::query(const std::string& text, const std::vector<Text>& parameters) {
    std::vector<const char*> values;
    values.reserve(parameters.size());
    for (const Text& parameter : parameters) {
        values.push_back(parameter ? parameter->c_str() : nullptr);
    }
    const Result result(PQexecParams(connection_, text.c_str(), static_cast<int>(values.size()), nullptr,
                                     values.data(), nullptr, nullptr, 0));
    expect_well(result.get(), text);
    std::vector<Row> rows(static_cast<std::size_t>(PQntuples(result.get())));
    for (int at = 0; Row & row : rows) {
        for (int column = 0; column < PQnfields(result.get()); ++column) {
            row.push_back(
                PQgetisnull(result.get(), at, column) != 0
                    ? Text()
                    : Text(std::string(PQgetvalue(result.get(), at, column),
                                       static_cast<std::size_t>(PQgetlength(result.get(), at, column)))));
        }
        ++at;
    }
    return rows;
}

Session::Text Session::value(const std::string& text, const std::vector<Text>& parameters) {
    auto rows = query(text, parameters);
    return rows.empty() || rows.front().empty() ? Text() : std::move(rows.front().front());
}

int Session::server_process() const noexcept { return PQbackendPID(connection_); }

}  // namespace brio::db::postgres
