#include <brio/db/postgres_link.hpp>

#include <poll.h>

#include <postgresql/libpq-fe.h>

#include <brio/base/clock.hpp>
#include <brio/base/text.hpp>
#include <brio/db/postgres_error.hpp>

namespace brio::db::postgres {

namespace {
constexpr std::chrono::seconds longest_answer{2};
}

Link::Link(const ConnectOptions& options) : connection_(open_handle(options)) {}
Link::~Link() { PQfinish(connection_); }

void Link::receive() {
    if (PQconsumeInput(connection_) == 0) {
        throw Unavailable(concat({"PostgreSQL: ", trim(PQerrorMessage(connection_))}));
    }
}

std::vector<std::string> Link::query(const std::string& text, const std::vector<std::string>& parameters) {
    std::vector<const char*> values;
    for (const std::string& each : parameters) {
        values.push_back(each.c_str());
    }
    if (PQsendQueryParams(connection_, text.c_str(), static_cast<int>(values.size()), nullptr, values.data(),
                          nullptr, nullptr, 0) == 0) {
        throw Unavailable(concat({"PostgreSQL: ", trim(PQerrorMessage(connection_))}));
    }
    const auto until = monotonic_now() + longest_answer;
    while (PQisBusy(connection_) != 0) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - monotonic_now());
        pollfd wait{.fd = PQsocket(connection_), .events = POLLIN, .revents = 0};
        if (left.count() <= 0 || ::poll(&wait, 1, static_cast<int>(left.count())) == 0) {
            throw Unavailable("PostgreSQL: no answer within 2 s");
        }
        receive();
    }
    std::vector<std::string> row;
    std::string sqlstate;
    std::string words;
    while (pg_result* result = PQgetResult(connection_)) {
        const auto status = PQresultStatus(result);
        if (status == PGRES_TUPLES_OK && PQntuples(result) > 0) {
            for (int column = 0; column < PQnfields(result); ++column) {
                row.emplace_back(PQgetvalue(result, 0, column));
            }
        } else if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
            const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
            sqlstate = state != nullptr ? state : "08006";
            words = PQresultErrorMessage(result);
        }
        PQclear(result);
    }
    if (!sqlstate.empty()) {
        throw_error({.sqlstate = sqlstate, .message = trim(words)}, text);
    }
    return row;
}

void Link::wait(int other, std::chrono::milliseconds most) {
    pollfd waits[] = {{.fd = PQsocket(connection_), .events = POLLIN, .revents = 0},
                      {.fd = other, .events = POLLIN, .revents = 0}};
    ::poll(waits, 2, static_cast<int>(most.count()));
    if (waits[0].revents != 0) {
        receive();
    }
}

std::optional<Link::Notification> Link::next_notification() {
    PGnotify* const note = PQnotifies(connection_);
    if (note == nullptr) {
        return std::nullopt;
    }
    Notification copy{note->relname, note->extra};
    PQfreemem(note);
    return copy;
}

}  // namespace brio::db::postgres
