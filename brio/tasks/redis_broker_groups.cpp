// What RedisBroker keeps of groups whose end is waited for, and of tasks that cannot follow.
#include <algorithm>
#include <set>

#include <brio/base/random.hpp>
#include <brio/base/text.hpp>
#include <brio/json/write.hpp>
#include <brio/reflect/uuid.hpp>
#include <brio/tasks/celery_json.hpp>
#include <brio/tasks/celery_message.hpp>
#include <brio/tasks/celery_result.hpp>
#include <brio/tasks/redis_broker.hpp>
#include <brio/tasks/redis_scripts.hpp>
#include <brio/tasks/signature.hpp>

namespace brio::tasks {
namespace {

namespace scripts = redis_scripts;

constexpr std::string_view day = "86400";

std::string base_of(std::string_view group) { return concat({"celery-taskset-meta-", group}); }

/// [1, id, state, result]
std::string text_of(const PartEnd& part) {
    return concat({"[1,", json::to_string(part.id), part.is_done ? R"(,"SUCCESS",)" : R"(,"FAILURE",)",
                   part.value, "]"});
}

std::optional<PartEnd> read_part(std::string_view text) {
    auto values = read_python<std::vector<json::Raw>>(text);
    if (!values || values->size() != 4) {
        return std::nullopt;
    }
    return PartEnd{.id = read_python<std::string>((*values)[1].text).value_or(""),
                   .is_done = (*values)[2].text == R"("SUCCESS")",
                   .value = std::move((*values)[3].text)};
}

}  // namespace

/// Python's workers count to what they find there.
Async<void> RedisBroker::tell_sizes(const std::vector<Message>& messages) {
    std::set<std::string> told;
    std::vector<redis::Command> commands;
    for (const Message& each : messages) {
        if (each.is_followed()) {
            const auto part = part_of(each, Embed::read(each.embed));
            if (part && part->size > 0 && told.insert(part->group).second) {
                commands.emplace_back("SETEX", base_of(part->group) + ".s", day, integer_text(part->size));
            }
        }
    }
    if (!commands.empty()) {
        const auto replies = co_await client_.commands(std::move(commands));
        if (!replies) {
            refuse(replies.error());
        }
    }
}

Async<std::vector<bool>> RedisBroker::note_followed(Words ids) {
    const auto reply = co_await run(scripts::follow(), std::move(ids));
    std::vector<bool> revoked;
    for (const redis::Reply& each : reply.elements()) {
        revoked.push_back(each.integer() == 1);
    }
    co_return revoked;
}

/// What Python pushed is known only now, and what was revoked meanwhile too.
Async<void> RedisBroker::look_at_followed(std::vector<Claim>& claims) {
    Words ids;
    std::vector<Claim*> followed;
    for (Claim& each : claims) {
        if (each.message.is_followed()) {
            ids.push_back(each.message.id);
            followed.push_back(&each);
        }
    }
    if (followed.empty()) {
        co_return;
    }
    const auto revoked = co_await note_followed(std::move(ids));
    for (std::size_t i = 0; i < std::min(followed.size(), revoked.size()); ++i) {
        followed[i]->is_revoked = revoked[i];
    }
}

Async<std::vector<std::vector<PartEnd>>> RedisBroker::join(std::vector<PartEnd> parts) {
    Words words;
    for (const PartEnd& each : parts) {
        words.push_back(each.group);
        words.push_back(integer_text(each.size));
        words.push_back(integer_text(each.index));
        words.push_back(text_of(each));
    }
    const auto reply = co_await run(scripts::join(), std::move(words));
    std::vector<std::vector<PartEnd>> groups(parts.size());
    const auto answers = reply.elements();
    for (std::size_t i = 0; i < std::min(parts.size(), answers.size()); ++i) {
        for (const redis::Reply& each : answers[i].elements()) {
            if (auto part = read_part(each.text())) {
                part->group = parts[i].group;
                part->size = parts[i].size;
                part->index = static_cast<std::int64_t>(groups[i].size());
                groups[i].push_back(std::move(*part));
            }
        }
    }
    co_return groups;
}

Async<void> RedisBroker::forget_group(std::string group) {
    const auto base = base_of(group);
    co_await ask(redis::Command("DEL", base + ".j", base + ".s", base + ".t"));
}

Async<void> RedisBroker::bury(std::vector<Message> messages, std::string error) {
    if (messages.empty()) {
        co_return;
    }
    const Timestamp time = clocks_.wall();
    Words words{integer_text(time.microseconds), std::string(upstream), error};
    for (const Message& each : messages) {
        words.push_back(each.id);
        words.push_back(each.name);
        words.push_back(each.queue);
        words.push_back(integer_text(each.priority));
        words.push_back(integer_text(each.pushed_at.microseconds));
        words.push_back(write_celery(each, Uuid::v7(time, thread_random()).text()));
        words.push_back(write_celery_result({.state = State::failed,
                                             .id = each.id,
                                             .error = error,
                                             .error_type = std::string(upstream),
                                             .ended_at = time}));
    }
    co_await run(scripts::bury(), std::move(words));
}

}  // namespace brio::tasks
