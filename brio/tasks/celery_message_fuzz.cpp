// What may stand in a list that others push to: what read_celery() takes is written and read as the same
// message, and goes on with everything it said; a result that is read is written as one.
#include <cstdint>
#include <cstdlib>

#include <brio/tasks/celery_message.hpp>
#include <brio/tasks/celery_result.hpp>

namespace {

using namespace brio::tasks;

void check(bool holds) {
    if (!holds) {
        std::abort();
    }
}

void check_same(const Message& one, const Message& other) {
    check(one.id == other.id && one.name == other.name && one.args == other.args &&
          one.kwargs == other.kwargs && one.embed == other.embed && one.priority == other.priority &&
          one.expires == other.expires && one.deadline == other.deadline &&
          one.hard_deadline == other.hard_deadline && one.root_id == other.root_id);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto message = read_celery(text, "q")) {
        const auto same = read_celery(write_celery(*message, "tag"), "q");
        check(same.has_value());
        check_same(*message, *same);
        check(same->due == message->due && same->failures == message->failures);
        const auto again = read_celery(celery_again(text, {.failures = 3, .delivery_tag = "tag"}), "q");
        check(again.has_value());
        check_same(*message, *again);
        check(again->failures == 3 && !again->due);
    }
    if (const auto status = read_celery_result(text)) {
        const auto same = read_celery_result(write_celery_result(*status));
        check(same.has_value());
        check(same->state == status->state && same->id == status->id && same->result == status->result);
    }
    return 0;
}
