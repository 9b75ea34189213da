// What the service does in the background: a summary of what an owner has, and forgetting old ones.
#pragma once
#include <brio/tasks/give.hpp>

#include <string>

#include "model.hpp"

namespace service {

/// The guide's task. It may run twice: the summary of a resource is one row, written again.
struct ProcessData {
    Id<Resource> data_id;
    static constexpr tasks::Policy policy{.name = "app.worker.process_data"};
};
Async<Summary> process_data(ProcessData task, Db db, Progress progress);

/// Summaries that are older than `days`.
struct ExpireSummaries {
    std::int32_t days = 30;
    static constexpr tasks::Policy policy{.name = "app.worker.expire_summaries"};
};
struct Expired {
    std::uint64_t summaries;
};
Async<Expired> expire_summaries(ExpireSummaries task, Db db);

}  // namespace service
