// The broker's statements: each makes the queries of one call, as the engine takes them best. SQLite gets a
// statement for each task, which costs no round trip; PostgreSQL one for all of them, with arrays. Internal.
//
// They name no tables that they read or write: nobody keeps answers made of them, so no generation moves.
#pragma once
#include <vector>

#include <brio/db/engine.hpp>
#include <brio/sql/statement.hpp>
#include <brio/tasks/broker.hpp>
#include <brio/tasks/database_rows.hpp>

namespace brio::tasks::database {

using Queries = std::vector<db::Query>;

/// Tasks of one statement on PostgreSQL: so many end well within the limit of its time.
inline constexpr std::size_t most_rows = 1000;
/// Queues of one claim.
inline constexpr std::size_t most_queues = 16;

/// Ids are unique within `messages`. `state`: what they are from the start, instead of ready or scheduled.
Queries push(sql::Dialect dialect, std::span<const Message> messages, Timestamp now,
             std::optional<Row> state = std::nullopt);

/// What is due becomes ready, and what has expired ends: up to a thousand of each.
Queries make_ready(Timestamp now);
/// The second of it alone.
db::Query expire_waiting(Timestamp now);
/// Gives ClaimSink's rows, of what is ready in at most `most_queues` queues.
db::Query claim(sql::Dialect dialect, const ClaimRequest& request, Timestamp now);

/// Carries out settlements, and says which of them were.
struct SettleJob final : db::WriteJob {
    SettleJob(sql::Dialect dialect, const std::string& worker, std::span<const Settlement> settlements,
              Timestamp now);
    /// After it was carried out: for each settlement, in order.
    std::vector<bool> settled(std::span<const Settlement> settlements) const;

private:
    void add_each(const std::string& worker, std::span<const Settlement> settlements, Timestamp now);
    void add_lists(const std::string& worker, std::span<const Settlement> settlements, Timestamp now);
    const sql::Dialect dialect_;
    // PostgreSQL: "id fence" of those that were settled, of each kind of statement.
    std::array<TextSink, 3> kept_;
};

/// A query with parameters in order; strings, integers, doubles, lists of strings.
class Bound {
public:
    explicit Bound(const sql::Statement& statement) { query_.statement = &statement; }
    Bound& text(std::string_view value) {
        query_.values.add_bytes(value);
        return *this;
    }
    Bound& integer(std::int64_t value) {
        query_.values.add_integer(value);
        return *this;
    }
    Bound& real(double value) {
        query_.values.add_real(value);
        return *this;
    }
    Bound& null() {
        query_.values.add_null();
        return *this;
    }
    Bound& ids(std::span<const std::string> values);
    Bound& sink(db::Sink* sink) {
        query_.sink = sink;
        return *this;
    }
    db::Query take() { return std::move(query_); }

private:
    db::Query query_;
};

/// A statement whose text is the same in both dialects, or not.
sql::Statement both(std::string name, std::string_view text);
sql::Statement each(std::string name, std::string_view sqlite, std::string_view postgresql);

/// Well-formed text that PostgreSQL stores: without NUL bytes, cut to `most` bytes.
std::string storable(std::string_view text, std::size_t most = SIZE_MAX);

}  // namespace brio::tasks::database
