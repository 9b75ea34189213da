#include <algorithm>
#include <set>

#include <brio/base/text.hpp>
#include <brio/sql/value_list.hpp>
#include <brio/tasks/database_statements.hpp>

namespace brio::tasks::database {

using Outcome = Settlement::Outcome;
using sql::Statement;
using sql::ValueList;

namespace {

constexpr std::string_view one_held = " WHERE id = $1 AND fence = $2 AND worker = $3 AND state = 1";
// The planner knows only the way by the id: each row of all that the worker holds beside each that is given
// would be many times the work.
constexpr std::string_view many_held =
    " WHERE t.id = given.id AND t.fence = given.fence AND t.worker || '' = $3 AND t.state + 0 = 1 "
    "RETURNING t.id || ' ' || t.fence";

// What is done needs its payload no more.
const Statement& done_statement() {
    static const Statement statement = each(
        "settle tasks as done",
        // Each with its parameters in the order in which they appear: SQLite numbers them so.
        "UPDATE brio_tasks SET state = 4, worker = NULL, error = '', error_type = '', args = '', "
        "kwargs = '', details = '', ended_at = $1, "
        "until = CASE WHEN ignores_result = 1 THEN 0 ELSE $2 END, result = $3 "
        "WHERE id = $4 AND fence = $5 AND worker = $6 AND state = 1",
        concat(
            {"UPDATE brio_tasks AS t SET state = 4, worker = NULL, error = '', error_type = '', args = '', "
             "kwargs = '', details = '', ended_at = $4, "
             "until = CASE WHEN ignores_result = 1 THEN 0 ELSE given.until END, result = given.result "
             "FROM unnest($1::text[], $2::bigint[], $5::bigint[], $6::text[]) "
             "AS given(id, fence, until, result)",
             many_held}));
    return statement;
}

const Statement& forget_statement() {
    static const Statement statement =
        each("settle tasks without a trace", concat({"DELETE FROM brio_tasks", one_held}),
             concat({"DELETE FROM brio_tasks AS t USING unnest($1::text[], $2::bigint[]) AS given(id, fence)",
                     many_held}));
    return statement;
}

/// `given.` or nothing before what a settlement says. What is followed goes back though it is revoked.
std::string other_text(std::string_view given) {
    return concat({"state = CASE WHEN ",
                   given,
                   "goes_back = 1 AND is_revoked > is_followed THEN 7 ELSE ",
                   given,
                   "new_state END, worker = NULL, failures = failures + ",
                   given,
                   "counted, due = CASE WHEN ",
                   given,
                   "new_due = 0 THEN due ELSE ",
                   given,
                   "new_due END, is_scheduled = CASE WHEN ",
                   given,
                   "new_due = 0 THEN is_scheduled ELSE 1 END, ended_at = CASE WHEN ",
                   given,
                   "goes_back = 1 AND is_revoked <= is_followed THEN NULL ELSE CAST($4 AS bigint) END, until "
                   "= CASE WHEN ",
                   given,
                   "goes_back = 1 AND is_revoked <= is_followed THEN NULL WHEN ",
                   given,
                   "new_until = 0 THEN NULL ELSE ",
                   given,
                   "new_until END, error = CASE WHEN ",
                   given,
                   "tells = 1 THEN ",
                   given,
                   "new_error ELSE error END, error_type = CASE WHEN ",
                   given,
                   "tells = 1 THEN ",
                   given,
                   "new_type ELSE error_type END"});
}

const Statement& other_statement() {
    static const Statement statement = each(
        "settle tasks otherwise",
        concat({"WITH given(id, fence, worker, now, new_state, goes_back, counted, new_due, new_until, "
                "tells, new_error, new_type) AS (VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "
                "$12)) UPDATE brio_tasks SET ",
                other_text("given."),
                " FROM given WHERE brio_tasks.id = given.id AND brio_tasks.fence = given.fence "
                "AND brio_tasks.worker = given.worker AND state = 1"}),
        concat({"UPDATE brio_tasks AS t SET ", other_text("given."),
                " FROM unnest($1::text[], $2::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], "
                "$8::bigint[], $9::bigint[], $10::bigint[], $11::text[], $12::text[]) AS given(id, fence, "
                "new_state, goes_back, counted, new_due, new_until, tells, new_error, new_type)",
                many_held}));
    return statement;
}

std::int64_t until_of(const Settlement& settlement, Timestamp now) {
    return now.microseconds + std::chrono::microseconds(settlement.result_lasts).count();
}

/// What other_statement() takes behind the id and the fence.
struct Other {
    std::int64_t state = 0;
    std::int64_t goes_back = 0;
    std::int64_t counted = 0;
    std::int64_t due = 0;
    std::int64_t until = 0;
    std::int64_t tells = 0;
    std::string error;
    std::string error_type;
};

Other other_of(const Settlement& settlement, Timestamp now) {
    Other other{.until = until_of(settlement, now),
                .tells = 1,
                .error = storable(settlement.error, most_error),
                .error_type = storable(settlement.error_type, most_error)};
    Row state = Row::ready;
    switch (settlement.outcome) {
        case Outcome::done: state = Row::done; break;
        case Outcome::retried:
            state = settlement.due <= now ? Row::ready : Row::scheduled;
            other.goes_back = other.counted = 1;
            other.due = settlement.due.microseconds;
            break;
        case Outcome::failed:
            state = Row::failed;
            other.counted = 1;
            other.until = 0;
            break;
        case Outcome::returned:
            other.goes_back = 1;
            other.tells = 0;
            break;
        case Outcome::expired: state = Row::expired; break;
        case Outcome::revoked: state = Row::revoked; break;
    }
    other.state = static_cast<std::int64_t>(state);
    return other;
}

bool is_forgotten(const Settlement& settlement) {
    return settlement.outcome == Outcome::done && !settlement.keeps_result;
}

std::string key_of(const Held& held) {
    return concat({held.id, " ", integer_text(static_cast<std::int64_t>(held.fence))});
}

}  // namespace

SettleJob::SettleJob(sql::Dialect dialect, const std::string& worker, std::span<const Settlement> settlements,
                     Timestamp now)
    : dialect_(dialect) {
    if (dialect == sql::Dialect::sqlite) {
        add_each(worker, settlements, now);
    } else {
        add_lists(worker, settlements, now);
    }
}

void SettleJob::add_each(const std::string& worker, std::span<const Settlement> settlements, Timestamp now) {
    for (const Settlement& settlement : settlements) {
        const auto fence = static_cast<std::int64_t>(settlement.held.fence);
        if (is_forgotten(settlement)) {
            queries.push_back(
                Bound(forget_statement()).text(settlement.held.id).integer(fence).text(worker).take());
        } else if (settlement.outcome == Outcome::done) {
            queries.push_back(Bound(done_statement())
                                  .integer(now.microseconds)
                                  .integer(until_of(settlement, now))
                                  .text(settlement.result)
                                  .text(settlement.held.id)
                                  .integer(fence)
                                  .text(worker)
                                  .take());
        } else {
            const Other other = other_of(settlement, now);
            queries.push_back(Bound(other_statement())
                                  .text(settlement.held.id)
                                  .integer(fence)
                                  .text(worker)
                                  .integer(now.microseconds)
                                  .integer(other.state)
                                  .integer(other.goes_back)
                                  .integer(other.counted)
                                  .integer(other.due)
                                  .integer(other.until)
                                  .integer(other.tells)
                                  .text(other.error)
                                  .text(other.error_type)
                                  .take());
        }
    }
}

void SettleJob::add_lists(const std::string& worker, std::span<const Settlement> settlements, Timestamp now) {
    std::array<std::vector<const Settlement*>, 3> kinds;
    for (const Settlement& each : settlements) {
        kinds[is_forgotten(each) ? 0 : each.outcome == Outcome::done ? 1 : 2].push_back(&each);
    }
    const std::array<const Statement*, 3> statements{&forget_statement(), &done_statement(),
                                                     &other_statement()};
    for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
        if (kinds[kind].empty()) {
            continue;
        }
        std::array<ValueList, 10> lists;
        for (const Settlement* each : kinds[kind]) {
            lists[0].add(std::string_view(each->held.id));
            lists[1].add(static_cast<std::int64_t>(each->held.fence));
            if (kind == 1) {
                lists[2].add(until_of(*each, now));
                lists[3].add(std::string_view(each->result));
            } else if (kind == 2) {
                const Other other = other_of(*each, now);
                const std::array numbers{other.state, other.goes_back, other.counted,
                                         other.due,   other.until,     other.tells};
                for (std::size_t i = 0; i < numbers.size(); ++i) {
                    lists[2 + i].add(numbers[i]);
                }
                lists[8].add(std::string_view(other.error));
                lists[9].add(std::string_view(other.error_type));
            }
        }
        const std::size_t used = std::array<std::size_t, 3>{2, 4, 10}[kind];
        db::Query& query =
            queries.emplace_back(db::Query{.statement = statements[kind], .sink = &kept_[kind]});
        for (std::size_t i = 0; i < used; ++i) {
            if (i == 2) {
                query.values.add_bytes(worker);
                query.values.add_integer(now.microseconds);
            }
            query.values.add_bytes(std::move(lists[i]).json(), sql::ValueKind::list);
        }
        if (kind == 0) {
            query.values.add_bytes(worker);
        }
    }
}

std::vector<bool> SettleJob::settled(std::span<const Settlement> settlements) const {
    std::vector<bool> each;
    if (dialect_ == sql::Dialect::sqlite) {
        for (const db::Query& query : queries) {
            each.push_back(query.changes == 1);
        }
        return each;
    }
    std::set<std::string> keys;
    for (const TextSink& sink : kept_) {
        keys.insert(sink.all.begin(), sink.all.end());
    }
    for (const Settlement& settlement : settlements) {
        each.push_back(keys.contains(key_of(settlement.held)));
    }
    return each;
}

}  // namespace brio::tasks::database
