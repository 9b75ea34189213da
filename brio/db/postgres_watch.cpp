#include <brio/db/postgres_watch.hpp>

#include <brio/base/text.hpp>

namespace brio::db::postgres {

namespace {
constexpr std::chrono::milliseconds between_looks{2000};
}

Watch::Watch(std::string url, int watched, std::function<void(std::string_view)> say)
    : url_(std::move(url)),
      watched_(watched),
      say_(std::move(say)) {}

void Watch::execute(Session& session, const std::string& statement) {
    if (!say_) {
        return session.execute(statement);
    }
    last_.clear();
    session.execute_watched(statement, between_looks, [this] { look(); });
}

std::string Watch::who(const std::string& condition, const std::vector<Session::Text>& values) {
    try {
        if (!session_) {
            session_.emplace(url_);
        }
        const auto found = session_->value(
            "SELECT format('server process %s of %s, %s for %s s: %s', pid, "
            "coalesce(nullif(application_name, "
            "''), usename), state, extract(epoch FROM clock_timestamp() - state_change)::bigint, "
            "regexp_replace(left(query, 120), '\\s+', ' ', 'g')) FROM pg_stat_activity WHERE datname = "
            "current_database() AND pid <> pg_backend_pid() AND " +
                condition,
            values);
        return found.value_or("nobody who can be seen");
    } catch (const std::exception& error) {
        session_.reset();
        return concat({"cannot be seen: ", error.what()});
    }
}

std::string Watch::holder(const std::string& key) {
    return who(
        "pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND "
        "(classid::bigint << 32 | objid::bigint) = $1::bigint)",
        {key});
}

std::string Watch::oldest_transaction() {
    return who("pid <> $1::int AND xact_start IS NOT NULL ORDER BY xact_start LIMIT 1",
               {integer_text(watched_)});
}

void Watch::look() {
    const std::string process = integer_text(watched_);
    std::string line;
    try {
        if (!session_) {
            session_.emplace(url_);
        }
        line = session_
                   ->value(
                       "SELECT format('%s: %s%s', relid::regclass, phase, CASE WHEN blocks_total > 0 THEN "
                       "format(', %s %%', 100 * blocks_done / blocks_total) END) FROM "
                       "pg_stat_progress_create_index WHERE pid = $1::int",
                       {process})
                   .value_or("still at work");
        if (const auto blocked = session_->value("SELECT cardinality(pg_blocking_pids($1::int))", {process});
            blocked && *blocked != "0") {
            line += "; waits for " + who("pid = ANY(pg_blocking_pids($1::int)) LIMIT 1", {process});
        }
    } catch (const std::exception&) {
        session_.reset();
        return;
    }
    if (line != last_) {
        say_(line);
        last_ = std::move(line);
    }
}

}  // namespace brio::db::postgres
