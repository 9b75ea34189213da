#include <brio/tasks/redis_broker.hpp>

#include <algorithm>
#include <charconv>

#include <brio/base/random.hpp>
#include <brio/base/text.hpp>
#include <brio/reflect/uuid.hpp>
#include <brio/runtime/errors.hpp>
#include <brio/tasks/celery_message.hpp>
#include <brio/tasks/celery_result.hpp>
#include <brio/tasks/redis_scripts.hpp>
#include <brio/tasks/redis_status.hpp>

namespace brio::tasks {
namespace {

namespace scripts = redis_scripts;
using Outcome = Settlement::Outcome;

redis::ClientOptions client_options(const RedisBrokerOptions& options) {
    return {.address = options.address,
            .name = "brio-tasks",
            .timeout = options.timeout,
            .patience = options.timeout,
            .limits = {.in_flight_name = "tasks_redis_in_flight",
                       .queued_bytes_name = "tasks_redis_queued_bytes"}};
}

std::string text_of(Timestamp time) { return integer_text(time.microseconds); }
std::string text_of(const std::optional<Timestamp>& time) { return time ? text_of(*time) : ""; }

std::string new_tag(Timestamp now) { return Uuid::v7(now, thread_random()).text(); }

/// As the scripts' cmsgpack reads it: an array of texts, of which there are few.
std::string packed(std::initializer_list<std::string_view> texts) {
    std::string bytes(1, static_cast<char>(0x90 | texts.size()));
    for (const std::string_view text : texts) {
        bytes += '\xdb';
        for (int shift = 24; shift >= 0; shift -= 8) {
            bytes += static_cast<char>(text.size() >> shift);
        }
        bytes += text;
    }
    return bytes;
}

State state_of(Outcome outcome) noexcept {
    switch (outcome) {
        case Outcome::done: return State::done;
        case Outcome::failed: return State::failed;
        case Outcome::expired: return State::expired;
        case Outcome::retried:  // what Celery is told where it was revoked meanwhile
        case Outcome::returned:
        case Outcome::revoked: return State::revoked;
    }
    return State::revoked;
}

}  // namespace

struct RedisBroker::Taken {
    std::uint64_t fence;
    std::string queue;
    std::string envelope;
};

RedisBroker::RedisBroker(RedisBrokerOptions options, runtime::OffloadPool& offload, Clocks clocks)
    : options_(std::move(options)),
      clocks_(std::move(clocks)),
      client_(client_options(options_), offload) {}

void RedisBroker::refuse(const redis::Failure& failure) {
    using redis::ErrorKind;
    const bool is_bug = failure.cause == redis::Cause::error_reply &&
                        (failure.kind == ErrorKind::other || failure.kind == ErrorKind::wrong_type);
    if (is_bug || failure.cause != redis::Cause::error_reply) {
        redis::throw_failure(failure);
    }
    throw runtime::Unavailable(concat({"Redis takes no tasks: ", failure.what}));
}

std::string RedisBroker::now() const { return text_of(clocks_.wall()); }

Async<redis::Reply> RedisBroker::ask(redis::Command command) {
    auto outcome = co_await client_.attempt(std::move(command));
    if (!outcome) {
        refuse(outcome.error());
    }
    co_return std::move(*outcome);
}

Async<redis::Reply> RedisBroker::run(const redis::Script& script, Words arguments) {
    auto outcome = co_await client_.run(script, {}, std::move(arguments));
    if (!outcome) {
        refuse(outcome.error());
    }
    co_return std::move(*outcome);
}

Async<void> RedisBroker::push(std::vector<Message> messages) {
    if (messages.empty()) {
        co_return;
    }
    auto& work = co_await runtime::current_work;
    work.check();
    auto& pushing = pushing_.of(*work.loop, [this] {
        return std::make_unique<Batcher>(
            [this](std::vector<Message> all) { return push_now(std::move(all)); }, waiting_pushes_);
    });
    co_await pushing.push(std::move(messages));
}

Async<void> RedisBroker::push_now(std::vector<Message> messages) {
    const Timestamp time = clocks_.wall();
    Words words{text_of(time)};
    for (const Message& each : messages) {
        const auto& own = options_.own_queues;
        const bool is_own = !own || std::ranges::find(*own, each.queue) != own->end();
        words.push_back(each.id);
        words.push_back(each.name);
        words.push_back(each.queue);
        words.push_back(integer_text(each.priority));
        words.push_back(is_own ? text_of(each.due) : "");
        words.push_back(integer_text(each.failures));
        words.push_back(text_of(each.pushed_at));
        words.push_back(write_celery(each, new_tag(time)));
    }
    co_await run(scripts::push(), std::move(words));
}

Async<Status> RedisBroker::status(std::string id) {
    std::vector<redis::Command> commands;
    commands.push_back(ask_told(id));
    commands.emplace_back("GET", celery_result_key(id));
    auto replies = co_await client_.commands(std::move(commands));
    if (!replies) {
        refuse(replies.error());
    }
    Told told = read_told(id, replies->front(), replies->back().text());
    if (told.until && *told.until <= clocks_.wall()) {
        co_return Status{.id = std::move(id)};
    }
    co_return std::move(told.status);
}

Async<bool> RedisBroker::revoke(std::string id) {
    const Timestamp time = clocks_.wall();
    std::string json = write_celery_result({.state = State::revoked, .id = id, .ended_at = time});
    const auto reply = co_await run(scripts::revoke(), Words{std::move(id), text_of(time), std::move(json)});
    co_return reply.integer() == 1;
}

Async<std::vector<Claim>> RedisBroker::claim(ClaimRequest request) {
    std::vector<Claim> claims;
    const std::string worker(request.worker);
    while (claims.size() < request.most && !request.queues.empty()) {
        const std::size_t wanted = request.most - claims.size();
        Words words{worker, now(), integer_text(wanted)};
        words.insert(words.end(), request.queues.begin(), request.queues.end());
        auto reply = co_await run(scripts::take(), std::move(words));
        auto taken = read_taken(std::move(reply));
        const bool is_all = taken.size() < wanted;
        if (!taken.empty()) {
            for (Claim& each : co_await adopt(worker, std::move(taken))) {
                claims.push_back(std::move(each));
            }
        }
        if (is_all) {
            break;
        }
    }
    co_return claims;
}

/// Of lists of a queue, the first one's fence, and envelopes.
std::vector<RedisBroker::Taken> RedisBroker::read_taken(redis::Reply reply) {
    std::vector<Taken> taken;
    for (redis::Reply& list : reply.take_elements()) {
        auto parts = list.take_elements();
        if (parts.size() != 3) {
            continue;
        }
        auto fence = static_cast<std::uint64_t>(parts[1].integer().value_or(0));
        for (redis::Reply& envelope : parts[2].take_elements()) {
            taken.push_back({fence++, std::string(parts[0].text()), envelope.take_text()});
        }
    }
    return taken;
}

Async<std::vector<Claim>> RedisBroker::adopt(std::string worker, std::vector<Taken> taken) {
    const Timestamp time = clocks_.wall();
    std::vector<Claim> read;
    Words words{std::move(worker), text_of(time)};
    for (Taken& each : taken) {
        auto message = read_celery(each.envelope, each.queue);
        std::string_view kind = !message                  ? ""
                                : message->ignores_result ? "ignored"
                                : message->failures > 0   ? "again"
                                                          : "new";
        std::string said;
        if (!message) {
            CeleryRefusal& refusal = message.error();
            kind = "refused";
            said = std::move(refusal.words);
            Message left{
                .id = refusal.id.empty() ? "refused-" + integer_text(each.fence) : std::move(refusal.id),
                .name = std::move(refusal.name),
                .queue = each.queue,
                .pushed_at = time};
            message = std::move(left);
        } else if (message->expires && *message->expires < time) {
            kind = "expired";
            said = write_celery_result({.state = State::expired, .id = message->id, .ended_at = time});
        } else if (message->due && *message->due > time) {
            kind = "later";
        }
        if (message->pushed_at == Timestamp()) {
            message->pushed_at = time;
        }
        words.push_back(integer_text(each.fence));
        words.emplace_back(kind);
        words.push_back(message->id);
        words.push_back(
            packed({message->name, message->queue, integer_text(message->priority), text_of(message->due),
                    integer_text(message->failures), text_of(message->pushed_at), said}));
        read.push_back({std::move(*message), each.fence});
    }
    const auto reply = co_await run(scripts::adopt(), std::move(words));
    const auto parts = reply.elements();
    std::vector<Claim> claims;
    std::size_t at = 0;
    for (Claim& each : read) {
        if (at + 2 < parts.size() && parts[at].integer() == static_cast<std::int64_t>(each.fence)) {
            each.message.failures = static_cast<int>(parts[at + 1].integer().value_or(0));
            each.message.deaths = static_cast<int>(parts[at + 2].integer().value_or(0));
            claims.push_back(std::move(each));
            at += 3;
        }
    }
    co_return claims;
}

/// Celery's workers read from the envelope how often it failed and when it is due.
Async<std::string> RedisBroker::envelope_again(std::string worker, const Settlement& settlement) {
    auto reply = co_await ask(redis::Command("HGET", concat({"brio:taken:", worker}), settlement.held.fence));
    // It stands behind its list, whose length comes first.
    std::string_view envelope = reply.text();
    std::size_t list = 0;
    const char* const end = envelope.data() + envelope.size();
    const char* const colon = std::from_chars(envelope.data(), end, list).ptr;
    envelope.remove_prefix(
        std::min(envelope.size(), static_cast<std::size_t>(colon - envelope.data()) + 1 + list));
    const auto message = read_celery(envelope, "");
    if (!message) {
        co_return "";
    }
    co_return celery_again(
        envelope,
        {.failures = message->failures + 1, .due = settlement.due, .delivery_tag = new_tag(clocks_.wall())});
}

Async<std::vector<bool>> RedisBroker::settle(std::string worker, std::vector<Settlement> settlements) {
    if (settlements.empty()) {
        co_return std::vector<bool>();
    }
    const Timestamp time = clocks_.wall();
    Words words{worker, text_of(time)};
    for (Settlement& each : settlements) {
        std::string more;
        if (each.outcome != Outcome::done) {
            const std::string again =
                each.outcome == Outcome::retried ? co_await envelope_again(worker, each) : std::string();
            more = packed({each.error, each.error_type, text_of(each.due), again});
        }
        words.push_back(integer_text(each.held.fence));
        words.push_back(each.held.id);
        words.push_back(concat({name_of(each.outcome), each.keeps_result ? " 1 " : " 0 ",
                                integer_text(each.result_lasts.count())}));
        words.push_back(write_celery_result({.state = state_of(each.outcome),
                                             .id = std::move(each.held.id),
                                             .result = std::move(each.result),
                                             .error = std::move(each.error),
                                             .error_type = std::move(each.error_type),
                                             .ended_at = time}));
        words.push_back(std::move(more));
    }
    const auto reply = co_await run(scripts::settle(), std::move(words));
    std::vector<bool> settled;
    for (const redis::Reply& each : reply.elements()) {
        settled.push_back(each.integer() == 1);
    }
    settled.resize(settlements.size(), false);
    co_return settled;
}

Async<void> RedisBroker::report_progress(Held held, double progress, std::string words) {
    Buffer number;
    append_number(number, progress);
    co_await run(scripts::progress(), Words{std::move(held.id), integer_text(held.fence),
                                            std::string(number.view()), std::move(words)});
}

Async<BeatAnswer> RedisBroker::beat(const WorkerId& worker) {
    auto reply = co_await run(scripts::beat(), Words{worker.id});
    auto parts = reply.take_elements();
    BeatAnswer answer;
    answer.is_known = !parts.empty() && parts.front().text() == "known";
    for (std::size_t i = 1; i < parts.size(); ++i) {
        answer.cancelled.push_back(parts[i].take_text());
    }
    co_return answer;
}

Async<std::vector<Held>> RedisBroker::held_by(std::string worker) {
    // What was taken before the last look and is not adopted yet never will be: its answer was lost.
    std::string looked;
    {
        const std::scoped_lock lock(mutex_);
        looked = looked_[worker];
    }
    co_return co_await look_at(std::move(worker), std::move(looked));
}

Async<std::vector<Held>> RedisBroker::look_at(std::string worker, std::string looked) {
    auto reply = co_await run(scripts::held(), Words{worker, std::move(looked)});
    auto parts = reply.take_elements();
    std::vector<Held> held;
    for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
        held.push_back(
            {parts[i + 1].take_text(), static_cast<std::uint64_t>(parts[i].integer().value_or(0))});
    }
    const std::scoped_lock lock(mutex_);
    looked_[worker] = parts.back().take_text();
    co_return held;
}

Async<void> RedisBroker::leave(std::string worker) {
    const auto held = co_await look_at(worker, "all");
    co_await settle(worker, returned(held));
    {
        const std::scoped_lock lock(mutex_);
        looked_.erase(worker);
    }
    co_await run(scripts::leave(), Words{std::move(worker)});
}

std::string RedisBroker::words() const { return concat({"Redis ", options_.address.text()}); }

void RedisBroker::each_limit(const std::function<void(runtime::Limit&)>& visit) {
    client_.each_limit(visit);
    visit(waiting_pushes_);
}

}  // namespace brio::tasks
