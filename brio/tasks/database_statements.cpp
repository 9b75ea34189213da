#include <brio/tasks/database_statements.hpp>

#include <algorithm>

#include <brio/base/text.hpp>
#include <brio/reflect/utf8.hpp>
#include <brio/sql/value_list.hpp>
#include <brio/tasks/database_rows.hpp>

namespace brio::tasks::database {

using sql::Dialect;
using sql::Statement;
using sql::ValueList;

namespace {

constexpr std::string_view pushed_columns =
    "id, name, queue, priority, state, due, is_scheduled, failures, deaths, expires, ignores_result, "
    "pushed_at, details, args, kwargs, is_followed";

// An id whose result has expired, but was not swept yet, is free again; one that was buried gives way.
constexpr std::string_view replace_forgotten =
    " ON CONFLICT (id) DO UPDATE SET name = excluded.name, queue = excluded.queue, "
    "priority = excluded.priority, state = excluded.state, due = excluded.due, "
    "is_scheduled = excluded.is_scheduled, failures = excluded.failures, deaths = excluded.deaths, "
    "expires = excluded.expires, ignores_result = excluded.ignores_result, "
    "pushed_at = excluded.pushed_at, details = excluded.details, args = excluded.args, "
    "kwargs = excluded.kwargs, is_followed = excluded.is_followed, worker = NULL, is_revoked = 0, begun_at = "
    "NULL, ended_at = NULL, "
    "until = NULL, progress = 0, progress_words = '', error = '', error_type = '', result = NULL "
    "WHERE brio_tasks.until <= $17 OR (brio_tasks.state = 5 AND brio_tasks.error_type = 'upstream' AND "
    "excluded.state <> 5)";

const Statement& push_statement() {
    static const Statement statement = each(
        "push tasks",
        concat({"INSERT INTO brio_tasks(", pushed_columns,
                ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
                replace_forgotten}),
        concat(
            {"INSERT INTO brio_tasks(", pushed_columns,
             ") SELECT id, name, queue, priority, state, due, is_scheduled, failures, deaths, "
             "NULLIF(expires, 0), ignores_result, pushed_at, details, args, kwargs, is_followed "
             "FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], "
             "$6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], "
             "$12::bigint[], $13::text[], $14::text[], $15::text[], $16::bigint[]) WITH ORDINALITY AS given(",
             pushed_columns, ", place) ORDER BY place", replace_forgotten}));
    return statement;
}

/// Takes the parameters of one push, or of many as lists.
template <class Text, class Integer>
void bind_message(const Message& message, Timestamp now, std::optional<Row> state, Text text,
                  Integer integer) {
    const Timestamp due = message.due.value_or(now);
    text(message.id);
    text(message.name);
    text(message.queue);
    integer(message.priority);
    integer(static_cast<std::int64_t>(state.value_or(due <= now ? Row::ready : Row::scheduled)));
    integer(due.microseconds);
    integer(message.due ? 1 : 0);
    integer(message.failures);
    integer(message.deaths);
    integer(message.expires && !message.is_followed() ? message.expires->microseconds : 0);
    integer(message.ignores_result ? 1 : 0);
    integer(message.pushed_at.microseconds);
    text(write_details(message));
    text(message.args);
    text(message.kwargs);
    integer(message.is_followed() ? 1 : 0);
}

/// Columns of values for a statement that takes them as arrays.
class Lists {
public:
    explicit Lists(std::size_t count) : lists_(count) {}
    void next_row() noexcept { at_ = 0; }
    void text(std::string_view value) { lists_[at_++].add(value); }
    void integer(std::int64_t value) { lists_[at_++].add(value); }
    void bind(sql::Values& values) && {
        for (ValueList& each : lists_) {
            values.add_bytes(std::move(each).json(), sql::ValueKind::list);
        }
    }

private:
    std::vector<ValueList> lists_;
    std::size_t at_ = 0;
};

}  // namespace

Bound& Bound::ids(std::span<const std::string> values) {
    ValueList list;
    for (const std::string& each : values) {
        list.add(std::string_view(each));
    }
    query_.values.add_bytes(std::move(list).json(), sql::ValueKind::list);
    return *this;
}

Statement both(std::string name, std::string_view text) { return each(std::move(name), text, text); }

Statement each(std::string name, std::string_view sqlite, std::string_view postgresql) {
    // What begins with WITH here goes on with UPDATE.
    const auto type = sqlite.starts_with("WITH") ? sql::StatementType::update : sql::type_of(sqlite);
    return Statement({.type = type, .name = std::move(name)},
                     std::array{std::string(sqlite), std::string(postgresql)});
}

std::string storable(std::string_view text, std::size_t most) {
    auto valid = valid_utf8(text.substr(0, most));
    std::erase(valid, '\0');
    return valid;
}

Queries push(Dialect dialect, std::span<const Message> messages, Timestamp now, std::optional<Row> state) {
    Queries queries;
    if (dialect == Dialect::sqlite) {
        for (const Message& each : messages) {
            db::Query& query = queries.emplace_back(db::Query{.statement = &push_statement()});
            int at = 0;
            bind_message(
                each, now, state,
                [&](std::string_view value) {
                    query.values.add_bytes(value);
                    ++at;
                },
                [&](std::int64_t value) {
                    constexpr int expires = 9;
                    at++ == expires&& value == 0 ? query.values.add_null() : query.values.add_integer(value);
                });
            query.values.add_integer(now.microseconds);
        }
        return queries;
    }
    for (; !messages.empty(); messages = messages.subspan(std::min(most_rows, messages.size()))) {
        Lists lists(16);
        for (const Message& each : messages.first(std::min(most_rows, messages.size()))) {
            lists.next_row();
            bind_message(
                each, now, state, [&](std::string_view value) { lists.text(value); },
                [&](std::int64_t value) { lists.integer(value); });
        }
        db::Query& query = queries.emplace_back(db::Query{.statement = &push_statement()});
        std::move(lists).bind(query.values);
        query.values.add_integer(now.microseconds);
    }
    return queries;
}

namespace {

/// At a time; the next claim goes on.
constexpr std::string_view promote_text =
    "UPDATE brio_tasks SET state = 0 WHERE number IN (SELECT number FROM brio_tasks "
    "WHERE state = 2 AND due <= $1 ORDER BY due LIMIT 1000";
constexpr std::string_view expire_text =
    "UPDATE brio_tasks SET state = 6, ended_at = $1, until = $2 WHERE number IN (SELECT number FROM "
    "brio_tasks WHERE state IN (0, 2) AND expires < $1 AND expires IS NOT NULL ORDER BY expires LIMIT 1000";

const Statement& promote_statement() {
    static const Statement statement = each("make tasks ready", concat({promote_text, ")"}),
                                            concat({promote_text, " FOR UPDATE SKIP LOCKED)"}));
    return statement;
}
const Statement& expire_statement() {
    static const Statement statement =
        each("expire tasks", concat({expire_text, ")"}), concat({expire_text, " FOR UPDATE SKIP LOCKED)"}));
    return statement;
}

constexpr std::string_view begin_task =
    "UPDATE brio_tasks SET state = 1, worker = $1, fence = fence + 1, begun_at = $2 ";
constexpr std::string_view worker_lives =
    "EXISTS (SELECT 1 FROM brio_task_workers WHERE id = $1 AND is_dead = 0)";

/// A branch for each queue, taken from one after the other until there are enough.
std::string sqlite_claim(std::size_t queues) {
    std::string text = concat({begin_task, "WHERE ", worker_lives, " AND number IN ("});
    for (std::size_t i = 0; i < queues; ++i) {
        // SQLite numbers parameters as they appear: the first queue, the most, the other queues.
        const std::string queue = concat({"$", integer_text(i == 0 ? 3 : i + 4)});
        text += concat({i == 0 ? "" : " UNION ALL ",
                        "SELECT number FROM (SELECT number FROM brio_tasks WHERE state = 0 AND queue = "});
        text += concat({queue,
                        " AND (expires IS NULL OR expires >= $2) AND NOT EXISTS (SELECT 1 FROM "
                        "brio_task_queues WHERE name = ",
                        queue, " AND is_paused = 1) ORDER BY priority, due, number LIMIT $4)"});
    }
    return concat({text, " LIMIT $4) RETURNING ", claim_columns});
}

std::string postgresql_claim() {
    std::string columns;
    for (std::size_t at = 0; at < claim_columns.size();) {
        const auto end = std::min(claim_columns.find(", ", at), claim_columns.size());
        columns += concat({columns.empty() ? "" : ", ", "t.", claim_columns.substr(at, end - at)});
        at = end + 2;
    }
    // Rows are locked as they are taken, one queue after the other, and no more than are asked for: what is
    // locked is hidden from everybody else.
    return concat(
        {"WITH asked AS MATERIALIZED (SELECT queue, place FROM unnest($4::text[]) WITH ORDINALITY "
         "AS given(queue, place) WHERE ",
         worker_lives,
         " AND NOT EXISTS (SELECT 1 FROM brio_task_queues WHERE name = queue AND is_paused = 1) "
         "ORDER BY place), "
         "chosen AS MATERIALIZED (SELECT found.number FROM asked CROSS JOIN LATERAL ("
         "SELECT number FROM brio_tasks WHERE state = 0 AND queue = asked.queue "
         "AND (expires IS NULL OR expires >= $2) ORDER BY priority, due, number LIMIT $3 "
         "FOR UPDATE SKIP LOCKED) AS found LIMIT $3) "
         "UPDATE brio_tasks AS t SET state = 1, worker = $1, fence = t.fence + 1, begun_at = $2 "
         "FROM chosen WHERE t.number = chosen.number RETURNING ",
         columns});
}

const Statement& claim_statement(std::size_t queues) {
    static const auto made = [] {
        std::array<std::unique_ptr<Statement>, most_queues> all;
        for (std::size_t i = 0; i < all.size(); ++i) {
            all[i].reset(new Statement(each("claim tasks", sqlite_claim(i + 1), postgresql_claim())));
        }
        return all;
    }();
    return *made[queues - 1];
}

}  // namespace

Queries make_ready(Timestamp now) {
    Queries queries;
    queries.push_back(Bound(promote_statement()).integer(now.microseconds).take());
    queries.push_back(expire_waiting(now));
    return queries;
}

db::Query expire_waiting(Timestamp now) {
    return Bound(expire_statement())
        .integer(now.microseconds)
        .integer(now.microseconds + std::chrono::microseconds(ended_lasts).count())
        .take();
}

db::Query claim(Dialect dialect, const ClaimRequest& request, Timestamp now) {
    const bool is_sqlite = dialect == Dialect::sqlite;
    Bound claim(claim_statement(is_sqlite ? request.queues.size() : 1));
    claim.text(request.worker).integer(now.microseconds);
    if (is_sqlite) {
        claim.text(request.queues.front()).integer(static_cast<std::int64_t>(request.most));
        for (const std::string& each : request.queues.subspan(1)) {
            claim.text(each);
        }
    } else {
        claim.integer(static_cast<std::int64_t>(request.most)).ids(request.queues);
    }
    return claim.take();
}

}  // namespace brio::tasks::database
