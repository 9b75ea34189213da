// What DatabaseBroker keeps of groups whose end is waited for, and of tasks that cannot follow.
#include <algorithm>
#include <map>
#include <utility>

#include <brio/base/text.hpp>
#include <brio/tasks/database_broker.hpp>
#include <brio/tasks/database_rows.hpp>
#include <brio/tasks/database_statements.hpp>

namespace brio::tasks {

using namespace database;

namespace {

constexpr std::chrono::hours part_lasts{24};

struct CountSink final : db::Sink {
    void row(const sql::Columns& columns) override { count = static_cast<std::uint64_t>(columns.integer(0)); }
    void clear() override { count = 0; }
    std::uint64_t count = 0;
};

struct PartSink final : db::Sink {
    void row(const sql::Columns& columns) override {
        all.push_back({.index = columns.integer(0),
                       .id = std::string(columns.text(1)),
                       .is_done = columns.integer(2) != 0,
                       .value = std::string(columns.text(3))});
    }
    void clear() override { all.clear(); }
    std::vector<PartEnd> all;
};

const sql::Statement& part_statement() {
    static const sql::Statement statement =
        both("a part of a group ended",
             "INSERT INTO brio_task_parts(group_id, part, task_id, is_done, value, until) "
             "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (group_id, part) DO UPDATE SET "
             "task_id = excluded.task_id, is_done = excluded.is_done, value = excluded.value, "
             "until = excluded.until");
    return statement;
}

}  // namespace

Async<std::vector<std::vector<PartEnd>>> DatabaseBroker::join(std::vector<PartEnd> parts) {
    static const sql::Statement count_statement =
        both("parts that ended", "SELECT count(*) FROM brio_task_parts WHERE group_id = $1");
    static const sql::Statement all_statement =
        both("parts of a group",
             "SELECT part, task_id, is_done, value FROM brio_task_parts WHERE group_id = $1 ORDER BY part");
    auto job = std::make_shared<db::WriteJob>();
    const auto until = now() + std::chrono::microseconds(part_lasts).count();
    // In one order for all who write several: none waits for another that waits for it.
    std::map<std::pair<std::string_view, std::int64_t>, const PartEnd*> sorted;
    for (const PartEnd& each : parts) {
        sorted[{each.group, each.index}] = &each;
    }
    for (const auto& [key, each] : sorted) {
        job->queries.push_back(Bound(part_statement())
                                   .text(each->group)
                                   .integer(each->index)
                                   .text(each->id)
                                   .integer(each->is_done ? 1 : 0)
                                   .text(storable(each->value))
                                   .integer(until)
                                   .take());
    }
    co_await write(job);
    // Counted when it is committed: of those that end at a time the last one sees all.
    std::map<std::string, std::vector<PartEnd>> complete;
    for (const PartEnd& each : parts) {
        if (each.size == 0 || complete.contains(each.group)) {
            continue;
        }
        CountSink ended;
        std::vector<db::Query> counting;
        counting.push_back(Bound(count_statement).text(each.group).sink(&ended).take());
        co_await read(counting);
        auto& all = complete[each.group];
        if (ended.count >= each.size) {
            PartSink found;
            std::vector<db::Query> queries;
            queries.push_back(Bound(all_statement).text(each.group).sink(&found).take());
            co_await read(queries);
            for (PartEnd& part : found.all) {
                part.group = each.group;
                part.size = each.size;
                all.push_back(std::move(part));
            }
        }
    }
    std::vector<std::vector<PartEnd>> groups(parts.size());
    for (std::size_t i = parts.size(); i-- > 0;) {
        groups[i] = std::exchange(complete[parts[i].group], {});
    }
    co_return groups;
}

Async<void> DatabaseBroker::forget_group(std::string group) {
    static const sql::Statement statement =
        both("forget a group", "DELETE FROM brio_task_parts WHERE group_id = $1");
    co_await write_one(Bound(statement).text(group).take());
}

Async<void> DatabaseBroker::bury(std::vector<Message> messages, std::string error) {
    if (messages.empty()) {
        co_return;
    }
    // Of those that are dead already it is known when they ended.
    constexpr std::string_view text =
        "UPDATE brio_tasks SET ended_at = $1, error_type = 'upstream', error = $2 "
        "WHERE state = 5 AND ended_at IS NULL AND id ";
    static const sql::Statement statement =
        each("bury tasks", concat({text, "IN (SELECT value FROM json_each($3))"}),
             concat({text, "= ANY($3::text[])"}));
    auto job = std::make_shared<db::WriteJob>();
    job->queries = database::push(dialect(), messages, clocks_.wall(), Row::failed);
    std::vector<std::string> ids;
    for (const Message& each : messages) {
        ids.push_back(each.id);
    }
    job->queries.push_back(Bound(statement).integer(now()).text(storable(error, most_error)).ids(ids).take());
    co_await write(job);
}

}  // namespace brio::tasks
