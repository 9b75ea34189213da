#include <brio/tasks/celery_result.hpp>

#include <brio/base/text.hpp>
#include <brio/json/write.hpp>
#include <brio/tasks/celery_json.hpp>

namespace brio::tasks {
namespace {

std::string_view word_of(State state) noexcept {
    switch (state) {
        case State::unknown:
        case State::pending: return "PENDING";
        case State::running: return "STARTED";
        case State::retrying: return "RETRY";
        case State::done: return "SUCCESS";
        case State::failed: return "FAILURE";
        case State::expired:
        case State::revoked: return "REVOKED";
    }
    return "PENDING";
}

State state_of(std::string_view word) noexcept {
    for (const State each : {State::pending, State::retrying, State::done, State::failed, State::revoked}) {
        if (word_of(each) == word) {
            return each;
        }
    }
    return word == "RECEIVED" ? State::pending : State::running;
}

/// As Celery's own serializer gives an exception: its class, its arguments, its module.
void write_error(Buffer& out, std::string_view type, std::string_view message, std::string_view module) {
    out.append(R"({"exc_type":)");
    json::write_string(out, type);
    out.append(R"(,"exc_message":[)");
    json::write_string(out, message);
    out.append(R"(],"exc_module":)");
    json::write_string(out, module);
    out.push_back('}');
}

void write_value(Buffer& out, const Status& status) {
    switch (status.state) {
        case State::done: out.append(status.result.empty() ? std::string_view("null") : status.result); break;
        case State::failed:
        case State::retrying:
            write_error(out, status.error_type.empty() ? "Error" : status.error_type, status.error, "brio");
            break;
        case State::expired: write_error(out, "TaskRevokedError", "expired", "celery.exceptions"); break;
        case State::revoked: write_error(out, "TaskRevokedError", "revoked", "celery.exceptions"); break;
        case State::unknown:
        case State::pending:
        case State::running: out.append("null"); break;
    }
}

/// Exceptions carry a list of arguments; foreign workers may give one text.
std::string message_of(const JsonMembers& error) {
    if (auto text = text_member(error, "exc_message")) {
        return std::move(*text);
    }
    const auto arguments =
        read_python<std::vector<json::Raw>>(member(error, "exc_message")).value_or(std::vector<json::Raw>());
    std::string words;
    for (const json::Raw& each : arguments) {
        words += words.empty() ? "" : ", ";
        words += read_python<std::string>(each.text).value_or(each.text);
    }
    return words;
}

/// In microseconds.
std::optional<Timestamp> time_member(const JsonMembers& members, std::string_view name) {
    const auto value = read_python<std::int64_t>(member(members, name));
    return value ? std::optional(Timestamp(*value)) : std::nullopt;
}

void read_error(std::string_view value, Status& to) {
    if (const auto error = read_python<JsonMembers>(value)) {
        to.error_type = text_member(*error, "exc_type").value_or("");
        to.error = message_of(*error);
    } else {
        to.error = read_python<std::string>(value).value_or(std::string(value));
    }
}

}  // namespace

std::string celery_result_key(std::string_view id) { return concat({"celery-task-meta-", id}); }

std::string write_celery_result(const Status& status) {
    Buffer out;
    out.append(R"({"status":)");
    json::write_string(out, word_of(status.state));
    out.append(R"(,"result":)");
    write_value(out, status);
    out.append(R"(,"traceback":null,"children":[],"date_done":)");
    if (status.ended_at) {
        std::string text = status.ended_at->text();
        text.pop_back();  // Celery's are in UTC and do not say so
        json::write_string(out, text);
    } else {
        out.append("null");
    }
    out.append(R"(,"task_id":)");
    json::write_string(out, status.id);
    out.push_back('}');
    return std::string(out.view());
}

std::string celery_error(std::string_view type, std::string_view words) {
    Buffer out;
    write_error(out, type.empty() ? "Error" : type, words, "brio");
    return std::string(out.view());
}

std::optional<Status> read_celery_result(std::string_view text) {
    const auto members = read_python<JsonMembers>(text);
    const auto word = members ? text_member(*members, "status") : std::nullopt;
    auto id = members ? text_member(*members, "task_id") : std::nullopt;
    if (!word || !id) {
        return std::nullopt;
    }
    Status status{.state = state_of(*word), .id = std::move(*id)};
    status.name = text_member(*members, "name").value_or("");
    status.queue = text_member(*members, "queue").value_or("");
    status.pushed_at = time_member(*members, "pushed");
    status.begun_at = time_member(*members, "begun");
    const std::string_view value = member(*members, "result");
    if (status.state == State::done) {
        status.result = value;
    } else if (status.state != State::pending && status.state != State::running) {
        read_error(value, status);
        if (status.state == State::revoked && status.error == "expired") {
            status.state = State::expired;
        }
    }
    if (const auto ended = text_member(*members, "date_done")) {
        const bool has_offset = ended->find_first_of("Zz+-", 10) != std::string::npos && ended->size() > 10;
        if (const auto time = Timestamp::parse(has_offset ? *ended : *ended + "Z")) {
            status.ended_at = *time;
        }
    }
    return status;
}

}  // namespace brio::tasks
