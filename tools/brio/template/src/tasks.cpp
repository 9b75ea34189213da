// What is done in the background, by worker processes. What a task throws is tried again, after 1, 2 and 4 s;
// tasks::Permanent says that this would not help.
#include <brio/db/db.hpp>

#include "service.hpp"

namespace service {
namespace {

struct TopicNotes {
    std::int64_t notes;
};

}  // namespace

Async<Counted> count_notes(CountNotes task, Db db) {
    // In one transaction, so that an older count never overwrites a newer one.
    auto const count = [task](Db inside) -> Async<Counted> {
        auto const found = co_await inside.select(notes).where(col<&Note::topic_id> == task.topic_id).count();
        Counted const counted{static_cast<std::int64_t>(found)};
        co_await inside.update(topics, task.topic_id, TopicNotes{counted.notes});
        co_return counted;
    };
    co_return co_await db.transaction(count, {.isolation = db::Isolation::serializable, .retries = 3});
}

}  // namespace service
