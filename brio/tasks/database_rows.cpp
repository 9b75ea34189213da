#include <brio/tasks/database_rows.hpp>

#include <algorithm>
#include <tuple>
#include <utility>

#include <brio/base/text.hpp>
#include <brio/db/error.hpp>
#include <brio/json/read.hpp>
#include <brio/json/write.hpp>

namespace brio::tasks::database {

namespace {

/// Written where they say something: a program of before that knows the first six only reads others nowhere.
struct Details {
    static constexpr bool open_object = true;
    std::optional<std::int64_t> deadline_ms;
    std::optional<std::int64_t> hard_deadline_ms;
    std::string root_id;
    std::string parent_id;
    std::string traceparent;
    std::string embed;
    std::optional<std::string> group_id;
    std::optional<std::int64_t> group_index;
    std::optional<std::int64_t> expires;  // of one that is followed: the column would end it
    std::optional<std::string> reply_to;
    std::optional<std::string> tracestate;
};

void read_details(std::string_view text, Message& message) {
    auto details = json::read<Details>(text, {.bytes = SIZE_MAX});
    if (!details) {
        throw db::StatementError(
            concat({"brio_tasks.details of ", message.id, ": ", json::describe(details.error())}));
    }
    if (details->deadline_ms) {
        message.deadline = std::chrono::milliseconds(*details->deadline_ms);
    }
    if (details->hard_deadline_ms) {
        message.hard_deadline = std::chrono::milliseconds(*details->hard_deadline_ms);
    }
    message.root_id = std::move(details->root_id);
    message.parent_id = std::move(details->parent_id);
    message.trace = {.parent = std::move(details->traceparent),
                     .state = std::move(details->tracestate).value_or("")};
    message.embed = std::move(details->embed);
    message.group_id = std::move(details->group_id).value_or("");
    message.group_index = details->group_index;
    if (details->expires) {
        message.expires = Timestamp(*details->expires);
    }
    message.reply_to = std::move(details->reply_to).value_or("");
}

std::optional<Timestamp> time_at(const sql::Columns& columns, int at) {
    return columns.is_null(at) ? std::nullopt : std::optional<Timestamp>(columns.integer(at));
}

std::string text_at(const sql::Columns& columns, int at) {
    return columns.is_null(at) ? std::string() : std::string(columns.text(at));
}

std::optional<std::int64_t> count_of(const std::optional<std::chrono::milliseconds>& time) {
    return time ? std::optional<std::int64_t>(time->count()) : std::nullopt;
}

}  // namespace

State state_of(Row row, std::int64_t failures) noexcept {
    switch (row) {
        case Row::ready:
        case Row::sent:
        case Row::scheduled: return failures > 0 ? State::retrying : State::pending;
        case Row::running: return State::running;
        case Row::done: return State::done;
        case Row::failed: return State::failed;
        case Row::expired: return State::expired;
        case Row::revoked: return State::revoked;
    }
    return State::unknown;
}

Row row_of(State ended) noexcept {
    switch (ended) {
        case State::done: return Row::done;
        case State::failed: return Row::failed;
        case State::expired: return Row::expired;
        case State::revoked: return Row::revoked;
        case State::running: return Row::running;
        default: return Row::ready;
    }
}

std::string write_details(const Message& message) {
    Buffer out;
    char before = '{';
    const auto write = [&](std::string_view key, const auto& value) {
        out.push_back(std::exchange(before, ','));
        json::write_key(out, key);
        json::write(out, value);
    };
    const auto write_some = [&](std::string_view key, const auto& value) {
        if (value) {
            write(key, *value);
        }
    };
    const auto unless_empty = [](const std::string& text) {
        return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
    };
    write("root_id", message.root_id);
    write("parent_id", message.parent_id);
    write("traceparent", message.trace.parent);
    write("embed", message.embed);
    write_some("deadline_ms", count_of(message.deadline));
    write_some("hard_deadline_ms", count_of(message.hard_deadline));
    write_some("group_id", unless_empty(message.group_id));
    write_some("group_index", message.group_index);
    if (message.is_followed() && message.expires) {
        write("expires", message.expires->microseconds);
    }
    write_some("reply_to", unless_empty(message.reply_to));
    write_some("tracestate", unless_empty(message.trace.state));
    out.push_back('}');
    return std::string(out.view());
}

void ClaimSink::row(const sql::Columns& columns) {
    Found found;
    Message& message = found.claim.message;
    message.id = columns.text(0);
    message.name = columns.text(1);
    message.queue = columns.text(2);
    message.priority = static_cast<std::uint8_t>(columns.integer(3));
    found.due = columns.integer(4);
    found.number = columns.integer(5);
    found.claim.fence = static_cast<std::uint64_t>(columns.integer(6));
    message.failures = static_cast<int>(columns.integer(7));
    message.deaths = static_cast<int>(columns.integer(8));
    message.expires = time_at(columns, 9);
    if (columns.integer(10) != 0) {
        message.due = Timestamp(found.due);
    }
    message.ignores_result = columns.integer(11) != 0;
    message.pushed_at = Timestamp(columns.integer(12));
    message.args = columns.text(13);
    message.kwargs = columns.text(14);
    read_details(columns.text(15), message);
    found.claim.is_revoked = columns.integer(16) != 0;
    found_.push_back(std::move(found));
}

std::vector<Claim> ClaimSink::take(std::span<const std::string> queues) {
    const auto place = [queues](const Found& found) {
        return std::tuple(std::ranges::find(queues, found.claim.message.queue) - queues.begin(),
                          found.claim.message.priority, found.due, found.number);
    };
    std::ranges::sort(found_, {}, place);
    std::vector<Claim> claims;
    claims.reserve(found_.size());
    for (Found& each : found_) {
        claims.push_back(std::move(each.claim));
    }
    found_.clear();
    return claims;
}

void StatusSink::row(const sql::Columns& columns) {
    if (const auto until = time_at(columns, 15); until && *until <= now_) {
        return;
    }
    Status status;
    status.id = columns.text(0);
    status.name = columns.text(1);
    status.queue = columns.text(2);
    status.failures = static_cast<int>(columns.integer(4));
    status.state = state_of(static_cast<Row>(columns.integer(3)), status.failures);
    status.deaths = static_cast<int>(columns.integer(5));
    status.progress = columns.real(6);
    status.progress_words = columns.text(7);
    status.result = text_at(columns, 8);
    status.error = columns.text(9);
    status.error_type = columns.text(10);
    status.pushed_at = time_at(columns, 11);
    status.due = time_at(columns, 12);
    status.begun_at = time_at(columns, 13);
    status.ended_at = time_at(columns, 14);
    all.push_back(std::move(status));
}

}  // namespace brio::tasks::database
