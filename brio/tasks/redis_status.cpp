#include <brio/tasks/redis_status.hpp>

#include <charconv>

#include <brio/base/text.hpp>
#include <brio/tasks/celery_result.hpp>

namespace brio::tasks {
namespace {

/// A task that is new is pending, and the scripts need to look at nothing else of it.
State state_of(std::string_view word) noexcept {
    if (word == "new") {
        return State::pending;
    }
    for (const State each : {State::pending, State::running, State::retrying, State::done, State::failed,
                             State::expired, State::revoked}) {
        if (name_of(each) == word) {
            return each;
        }
    }
    return State::unknown;
}

std::optional<Timestamp> time_of(const redis::Reply& reply) noexcept {
    const auto count = reply.integer();
    return count ? std::optional(Timestamp(*count)) : std::nullopt;
}

double number_of(std::string_view text) noexcept {
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

}  // namespace

redis::Command ask_told(std::string_view id) {
    return redis::Command("HMGET", concat({"brio:task:", id}), "state", "name", "queue", "failures", "deaths",
                          "progress", "words", "error", "error_type", "pushed", "due", "begun", "ended",
                          "until");
}

Told read_told(std::string id, const redis::Reply& reply, std::string_view kept) {
    const auto fields = reply.elements();
    Told told{.status = {.id = std::move(id)}};
    constexpr std::size_t count = 14;
    if (fields.size() < count) {
        return told;
    }
    Status& status = told.status;
    status.state = state_of(fields[0].text());
    status.name = fields[1].text();
    status.queue = fields[2].text();
    status.failures = static_cast<int>(fields[3].integer().value_or(0));
    status.deaths = static_cast<int>(fields[4].integer().value_or(0));
    status.progress = number_of(fields[5].text());
    status.progress_words = fields[6].text();
    status.error = fields[7].text();
    status.error_type = fields[8].text();
    status.pushed_at = time_of(fields[9]);
    status.due = time_of(fields[10]);
    status.begun_at = time_of(fields[11]);
    status.ended_at = time_of(fields[12]);
    told.until = time_of(fields[13]);
    const bool is_open =
        status.state == State::unknown || status.state == State::pending || status.state == State::retrying;
    if (!is_open && status.state != State::done) {
        return told;
    }
    if (auto result = read_celery_result(kept); result && result->id == status.id) {
        status.result = std::move(result->result);
        status.ended_at = result->ended_at;
        if (is_open) {  // Python's workers took it, who tell nothing else
            status.state = result->state;
            status.error = std::move(result->error);
            status.error_type = std::move(result->error_type);
        }
    }
    return told;
}

std::vector<Status> read_all_told(redis::Reply reply) {
    auto parts = reply.take_elements();
    std::vector<Status> all;
    for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
        const auto fields = parts[i + 1].elements();
        const std::string_view kept = fields.empty() ? std::string_view() : fields.back().text();
        all.push_back(read_told(parts[i].take_text(), parts[i + 1], kept).status);
    }
    return all;
}

}  // namespace brio::tasks
