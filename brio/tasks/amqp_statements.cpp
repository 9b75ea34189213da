#include <brio/tasks/amqp_statements.hpp>

#include <brio/base/text.hpp>
#include <brio/sql/value_list.hpp>

namespace brio::tasks::database {

using sql::Statement;

namespace {

/// `begin`, then the condition that a row is one of the ids of parameter `list`, then `end`.
Statement of_ids(std::string name, std::string_view begin, std::string_view list, std::string_view end = "") {
    return each(std::move(name), concat({begin, " id IN (SELECT value FROM json_each(", list, "))", end}),
                concat({begin, " id = ANY(", list, "::text[])", end}));
}

std::string ready_rows(std::string_view where) {
    return concat({"SELECT ", claim_columns, " FROM brio_tasks WHERE state = 0 AND ", where});
}

std::int64_t forgotten(Timestamp now) {
    return now.microseconds + std::chrono::microseconds(ended_lasts).count();
}

}  // namespace

db::Query unsent(std::span<const std::string> ids) {
    static const Statement statement = of_ids("tasks to send", ready_rows(""), "$1");
    return Bound(statement).ids(ids).take();
}

db::Query unsent_since(Timestamp until, std::size_t most) {
    static const Statement statement =
        both("tasks not sent yet", ready_rows("due <= $1 ORDER BY due, number LIMIT $2"));
    return Bound(statement).integer(until.microseconds).integer(static_cast<std::int64_t>(most)).take();
}

db::Query count_unsent(std::uint64_t most) {
    static const Statement statement =
        both("count tasks to send",
             "SELECT count(*) FROM (SELECT 1 FROM brio_tasks WHERE state = 0 LIMIT $1) AS ready");
    return Bound(statement).integer(static_cast<std::int64_t>(most)).take();
}

db::Query make_due(Timestamp now) {
    constexpr std::string_view begin =
        "UPDATE brio_tasks SET state = 0 WHERE number IN (SELECT number FROM brio_tasks WHERE state = 2 "
        "AND due <= $1 ORDER BY due LIMIT 500";
    static const Statement statement =
        each("make due tasks ready", concat({begin, ") RETURNING ", claim_columns}),
             concat({begin, " FOR UPDATE SKIP LOCKED) RETURNING ", claim_columns}));
    return Bound(statement).integer(now.microseconds).take();
}

db::Query send_now(std::span<const std::string> ids) {
    static const Statement statement =
        of_ids("send tasks with their eta", "UPDATE brio_tasks SET state = 0 WHERE state = 2 AND", "$1");
    return Bound(statement).ids(ids).take();
}

Queries mark_sent(sql::Dialect dialect, std::span<const Sent> sent) {
    // A claim since then has another fence: what became of it is not to be covered up.
    static const Statement statement = each(
        "tasks are sent",
        "UPDATE brio_tasks SET state = 3, until = NULLIF($1, 0) WHERE id = $2 AND fence = $3 AND state = 0",
        "UPDATE brio_tasks AS t SET state = 3, until = NULLIF(given.until, 0) FROM unnest($1::bigint[], "
        "$2::text[], $3::bigint[]) AS given(until, id, fence) WHERE t.id = given.id AND t.fence = "
        "given.fence AND t.state = 0");
    Queries queries;
    std::array<sql::ValueList, 3> lists;
    for (const Sent& each : sent) {
        const std::int64_t until = each.until ? each.until->microseconds : 0;
        const auto fence = static_cast<std::int64_t>(each.fence);
        if (dialect == sql::Dialect::sqlite) {
            queries.push_back(Bound(statement).integer(until).text(each.id).integer(fence).take());
        } else {
            lists[0].add(until);
            lists[1].add(std::string_view(each.id));
            lists[2].add(fence);
        }
    }
    if (dialect == sql::Dialect::postgresql && !sent.empty()) {
        db::Query& query = queries.emplace_back(db::Query{.statement = &statement});
        for (sql::ValueList& each : lists) {
            query.values.add_bytes(std::move(each).json(), sql::ValueKind::list);
        }
    }
    return queries;
}

db::Query mark_lost(std::string_view queue, std::uint8_t least, std::uint8_t most) {
    static const Statement statement =
        both("messages of tasks were lost",
             "UPDATE brio_tasks SET state = 0 WHERE state = 3 AND queue = $1 AND priority >= $2 AND "
             "priority <= $3");
    return Bound(statement).text(queue).integer(least).integer(most).take();
}

db::Query living_worker(std::string_view worker) {
    static const Statement statement =
        both("a living worker", "SELECT id FROM brio_task_workers WHERE id = $1 AND is_dead = 0");
    return Bound(statement).text(worker).take();
}

db::Query expire_these(std::span<const std::string> ids, Timestamp now) {
    static const Statement statement = of_ids("expire tasks that came",
                                              "UPDATE brio_tasks SET ended_at = $1, until = $2, state = 6 "
                                              "WHERE state IN (0, 3) AND expires < $1 AND",
                                              "$3");
    return Bound(statement).integer(now.microseconds).integer(forgotten(now)).ids(ids).take();
}

db::Query claim_these(std::string_view worker, std::span<const std::string> ids, Timestamp now) {
    static const Statement statement =
        of_ids("claim tasks that came",
               "UPDATE brio_tasks SET worker = $1, begun_at = $2, state = 1, fence = fence + 1, until = NULL "
               "WHERE EXISTS (SELECT 1 FROM brio_task_workers WHERE brio_task_workers.id = $1 AND "
               "is_dead = 0) AND state IN (0, 3) AND",
               "$3", concat({" RETURNING ", claim_columns}));
    return Bound(statement).text(worker).integer(now.microseconds).ids(ids).take();
}

db::Query bury_refused(const CeleryRefusal& refusal, std::string_view queue, Timestamp now) {
    static const Statement statement =
        both("bury a refused message",
             "INSERT INTO brio_tasks(id, name, queue, due, error, details, priority, state, is_scheduled, "
             "failures, deaths, ignores_result, pushed_at, ended_at, error_type, args, kwargs) VALUES "
             "($1, $2, $3, $4, $5, $6, 0, 5, 0, 0, 0, 0, $4, $4, 'refused', '[]', '{}') "
             "ON CONFLICT (id) DO NOTHING");
    return Bound(statement)
        .text(storable(refusal.id))
        .text(storable(refusal.name))
        .text(queue)
        .integer(now.microseconds)
        .text(storable(refusal.words, most_error))
        .text(write_details({}))
        .take();
}

db::Query answer(const Status& status, Timestamp now) {
    static const Statement ended = both(
        "what became of a task elsewhere",
        "UPDATE brio_tasks SET state = $1, result = $2, error = $3, error_type = $4, ended_at = $5, "
        "until = NULLIF(CAST($6 AS bigint), 0), failures = failures + $7 WHERE id = $8 AND state IN (0, 3)");
    static const Statement retried =
        both("a task is tried again elsewhere",
             "UPDATE brio_tasks SET error = $1, error_type = $2, failures = failures + 1 WHERE id = $3 AND "
             "state IN (0, 3)");
    const std::string error = storable(status.error, most_error);
    const std::string error_type = storable(status.error_type, most_error);
    if (!is_final(status.state)) {
        return Bound(retried).text(error).text(error_type).text(status.id).take();
    }
    const bool is_dead = status.state == State::failed;
    return Bound(ended)
        .integer(static_cast<std::int64_t>(row_of(status.state)))
        .text(storable(status.result))
        .text(error)
        .text(error_type)
        .integer(now.microseconds)
        .integer(is_dead ? 0 : forgotten(now))
        .integer(is_dead ? 1 : 0)
        .text(status.id)
        .take();
}

}  // namespace brio::tasks::database
