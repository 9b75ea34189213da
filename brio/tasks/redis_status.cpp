#include <brio/tasks/redis_status.hpp>

#include <charconv>

#include <brio/base/text.hpp>
#include <brio/tasks/celery_result.hpp>
#include <brio/tasks/redis_plain.hpp>

namespace brio::tasks {
namespace {

/// "new" is an older Brio's.
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

namespace {

/// What the scripts say of one of which more is known than a plain record.
Told read_hash(std::span<const redis::Reply> fields) {
    Told told;
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
    return told;
}

/// Of one that is open: Python's workers took it, who tell nothing else, or it was plain and is done.
void add_result(Status& status, Status result) {
    status.state = result.state;
    status.result = std::move(result.result);
    status.error = std::move(result.error);
    status.error_type = std::move(result.error_type);
    status.ended_at = result.ended_at;
    if (status.name.empty()) {
        status.name = std::move(result.name);
        status.queue = std::move(result.queue);
        status.pushed_at = result.pushed_at;
        status.due = result.pushed_at;
        status.begun_at = result.begun_at;
    }
}

}  // namespace

Told read_told(std::string id, const redis::Reply& reply) {
    const auto fields = reply.elements();
    constexpr std::size_t of_hash = 15;
    Told told;
    if (fields.size() == of_hash) {
        told = read_hash(fields);
    } else if (!fields.empty()) {
        told.status = read_plain(fields.front().text()).value_or(Status());
    }
    Status& status = told.status;
    status.id = std::move(id);
    const bool is_open =
        status.state == State::unknown || status.state == State::pending || status.state == State::retrying;
    if (fields.empty() || (!is_open && status.state != State::done)) {
        return told;
    }
    if (auto result = read_celery_result(fields.back().text()); result && result->id == status.id) {
        if (is_open) {
            add_result(status, std::move(*result));
        } else {
            status.result = std::move(result->result);
            status.ended_at = result->ended_at;
        }
    }
    return told;
}

std::vector<Status> read_all_told(redis::Reply reply) {
    auto parts = reply.take_elements();
    std::vector<Status> all;
    for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
        all.push_back(read_told(parts[i].take_text(), parts[i + 1]).status);
    }
    return all;
}

}  // namespace brio::tasks
