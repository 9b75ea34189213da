#include "tasks.hpp"

#include <brio/db/db.hpp>

namespace service {

Async<Summary> process_data(ProcessData task, Db db, Progress progress) {
    auto const resource = co_await db.find(resources, task.data_id);
    if (!resource) {
        throw tasks::Permanent("there is no resource " + std::to_string(task.data_id.value));
    }
    NewSummary summary{.resource_id = resource->id, .owner_id = resource->owner_id};
    auto const all = static_cast<double>(
        co_await db.select(resources).where(col<&Resource::owner_id> == resource->owner_id).count());
    // By keyset, in pages: an owner may have very many, and each page is one short statement.
    constexpr std::uint32_t page = 500;
    std::int64_t described = 0;
    for (Id<Resource> seen;;) {
        auto const rows =
            co_await db.select(resources)
                .where(col<&Resource::owner_id> == resource->owner_id && col<&Resource::id> > seen)
                .order_by(asc<&Resource::id>)
                .limit(page)
                .all();
        for (auto const& row : rows) {
            seen = row.id;
            ++summary.resources;
            summary.active += row.status == Status::active ? 1 : 0;
            summary.archived += row.status == Status::archived ? 1 : 0;
            described += static_cast<std::int64_t>(std::string_view(row.description).size());
        }
        progress(0.9 * std::min(1.0, static_cast<double>(summary.resources) / std::max(all, 1.0)),
                 std::to_string(summary.resources) + " resources of the owner read");
        if (rows.size() < page) {
            break;
        }
    }
    summary.mean_description =
        summary.resources == 0 ? 0 : static_cast<double>(described) / static_cast<double>(summary.resources);
    co_return co_await db.upsert<&Summary::resource_id>(summaries, summary);
}

Async<Expired> expire_summaries(ExpireSummaries task, Db db) {
    auto const now = Timestamp(wall_now());
    auto const before =
        Timestamp(now.microseconds - std::chrono::microseconds(std::chrono::days(task.days)).count());
    co_return Expired{co_await db.erase_where(summaries, col<&Summary::created_at> < before)};
}

}  // namespace service
