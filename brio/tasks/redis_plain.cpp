#include <brio/tasks/redis_plain.hpp>

#include <algorithm>

#include <brio/base/text.hpp>
#include <brio/json/write.hpp>
#include <brio/tasks/celery_json.hpp>

namespace brio::tasks {
namespace {

constexpr char separator = '\x1f';
constexpr std::size_t longest_id = 255;

struct Known {
    static constexpr bool open_object = true;
    std::string name;
    std::string queue;
    std::int64_t pushed = 0;
    std::optional<std::int64_t> begun;
};

/// The same in JSON, and one word for scripts.
bool is_word(std::string_view id) noexcept {
    return !id.empty() && id.size() <= longest_id && std::ranges::all_of(id, [](char each) {
        return each > ' ' && each < '\x7f' && each != '"' && each != '\\' && each != '/';
    });
}

}  // namespace

bool is_plain(const Message& message) noexcept {
    return !message.due && !message.expires && message.failures == 0 && message.deaths == 0 &&
           !message.is_followed() && is_word(message.id);
}

std::string write_plain(const Message& message) {
    Buffer out;
    out.append(message.ignores_result ? "N" : "n");
    json::write_key(out, "name");
    json::write_string(out, message.name);
    out.push_back(',');
    json::write_key(out, "queue");
    json::write_string(out, message.queue);
    out.append(concat({R"(,"priority":)", integer_text(message.priority), R"(,"pushed":)",
                       integer_text(message.pushed_at.microseconds)}));
    return std::string(out.view());
}

std::string_view id_in_front(std::string_view envelope) noexcept {
    constexpr std::string_view start = R"({"headers":{"id":")";
    envelope.remove_prefix(std::min(envelope.size(), start.size()));
    return envelope.substr(0, envelope.find('"'));
}

std::optional<Status> read_plain(std::string_view record) {
    if (record.empty()) {
        return std::nullopt;
    }
    const bool is_running = record.front() == 'r' || record.front() == 'R';
    record.remove_prefix(1);
    for (int i = 0; is_running && i < 2; ++i) {
        record.remove_prefix(std::min(record.size(), record.find(separator)));
        record.remove_prefix(std::min<std::size_t>(record.size(), 1));
    }
    auto known = read_python<Known>(concat({"{", record, "}"}));
    if (!known) {
        return std::nullopt;
    }
    Status status{.state = is_running ? State::running : State::pending,
                  .name = std::move(known->name),
                  .queue = std::move(known->queue),
                  .pushed_at = Timestamp(known->pushed),
                  .due = Timestamp(known->pushed)};
    if (known->begun) {
        status.begun_at = Timestamp(*known->begun);
    }
    return status;
}

}  // namespace brio::tasks
