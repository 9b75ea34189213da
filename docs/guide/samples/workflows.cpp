#include "workflows.hpp"

#include <brio/base/log.hpp>
#include <brio/base/text.hpp>

namespace notes {

Words total_words(TotalWords task) {
    Words total{0};
    for (auto const& each : task.counted) {
        total.words += each.words;
    }
    return total;
}

void tell_operator(TellOperator task) { log_warning("no total", {{"task", task.failed_id}}); }

std::string publish_total(PublishTotal task) {
    return concat({integer_text(task.total.words), " words so far"});
}

// [flow]
struct Started {
    std::string id;                // of the last step: its result is the whole's
    std::vector<std::string> ids;  // of all
};

Async<http::Accepted<Started>> count_all(Db db, Queue queue) {
    std::vector<CountWords> counts;
    for (auto const& note : co_await db.select(notes).all()) {
        counts.push_back({note.id});
    }
    if (counts.empty()) {
        throw http::not_found("note");
    }
    auto pushed = co_await queue.push(tasks::chain(tasks::group(std::move(counts)),
                                                   TotalWords{.counted = {}, .author = "all"}, PublishTotal{})
                                          .on_failure(TellOperator{}));
    co_return http::Accepted{Started{std::move(pushed.id), std::move(pushed.ids)}};
}
// [/flow]

void workflow_routes(http::Router& api) { api.post<"/api/notes/count">(count_all); }

}  // namespace notes
