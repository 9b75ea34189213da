#include <brio/tasks/redis_broker.hpp>

#include <algorithm>
#include <charconv>
#include <ranges>

#include <brio/base/random.hpp>
#include <brio/base/text.hpp>
#include <brio/reflect/uuid.hpp>
#include <brio/runtime/errors.hpp>
#include <brio/tasks/celery_message.hpp>
#include <brio/tasks/celery_result.hpp>
#include <brio/tasks/redis_plain.hpp>
#include <brio/tasks/redis_scripts.hpp>
#include <brio/tasks/redis_status.hpp>

namespace brio::tasks {
namespace {

namespace scripts = redis_scripts;
using Outcome = Settlement::Outcome;

constexpr std::size_t swept_at_once = 64;
constexpr std::size_t most_in_list = 1000;  // of one push: a script takes no more in one call

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
    bool is_plain;  // and claimed
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
            [this](std::vector<Message> all) { return push_now(std::move(all)); }, waiting_pushes_, 2);
    });
    co_await pushing.push(std::move(messages));
}

Async<void> RedisBroker::push_now(std::vector<Message> messages) {
    Words followed;
    for (const Message& each : messages) {
        if (each.is_followed()) {
            followed.push_back(each.id);
        }
    }
    if (!followed.empty()) {
        co_await tell_sizes(messages);
    }
    const Timestamp time = clocks_.wall();
    std::map<std::string, std::vector<const Message*>> plain;  // by list
    std::vector<const Message*> others;
    for (const Message& each : messages) {
        auto& place = is_plain(each) ? plain[celery_list(each.queue, each.priority)] : others;
        place.push_back(&each);
    }
    Words words{text_of(time), "", ""};
    for (const auto& [list, all] : plain) {
        for (std::span rest(all); !rest.empty(); rest = rest.subspan(std::min(rest.size(), most_in_list))) {
            const auto its = rest.first(std::min(rest.size(), most_in_list));
            words.push_back(list);
            words.push_back(its.front()->queue);
            words.push_back(integer_text(its.size()));
            for (const Message* each : its) {
                words.push_back(each->id);
                words.push_back(write_plain(*each));
                words.push_back(write_celery(*each, new_tag(time)));
            }
        }
    }
    words[1] = integer_text(words.size() + 1);
    // Two for each that is pushed, and more at a time where pushes are small.
    const std::size_t swept = std::max(swept_at_once, 2 * messages.size());
    words[2] = thread_random().below(swept) < 2 * messages.size() ? integer_text(swept) : "0";
    for (const Message* other : others) {
        const Message& each = *other;
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
    if (!followed.empty()) {
        co_await note_followed(std::move(followed));
    }
}

Async<Status> RedisBroker::status(std::string id) {
    const auto reply = co_await run(scripts::status(), Words{id});
    Told told = read_told(id, reply);
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
        for (Claim& each : co_await adopt(worker, std::move(taken))) {
            claims.push_back(std::move(each));
        }
        if (is_all) {
            break;
        }
    }
    co_return claims;
}

/// Of lists of a queue, a fence, envelopes, and which of them were plain (none: all). Those share that fence,
/// each of the others has its own behind it.
std::vector<RedisBroker::Taken> RedisBroker::read_taken(redis::Reply reply) {
    std::vector<Taken> taken;
    for (redis::Reply& list : reply.take_elements()) {
        auto parts = list.take_elements();
        if (parts.size() != 4) {
            continue;
        }
        const auto fence = static_cast<std::uint64_t>(parts[1].integer().value_or(0));
        const std::string_view plain = parts[3].text();
        std::uint64_t number = 0;
        for (redis::Reply& envelope : parts[2].take_elements()) {
            const bool is_plain = plain.empty() || plain[number] == '1';
            ++number;
            taken.push_back({is_plain ? fence : fence + number, std::string(parts[0].text()),
                             envelope.take_text(), is_plain});
        }
    }
    return taken;
}

Async<std::vector<Claim>> RedisBroker::adopt(std::string worker, std::vector<Taken> taken) {
    const Timestamp time = clocks_.wall();
    std::vector<Claim> read;
    std::vector<bool> are_claimed;
    Words words{std::move(worker), text_of(time)};
    for (Taken& each : taken) {
        auto message = read_celery(each.envelope, each.queue);
        std::string_view kind = message && message->ignores_result ? "ignored" : "new";
        std::string said;
        if (!message) {
            CeleryRefusal& refusal = message.error();
            kind = "refused";
            said = std::move(refusal.words);
            Message left{.id = each.is_plain        ? std::string(id_in_front(each.envelope))
                               : refusal.id.empty() ? "refused-" + integer_text(each.fence)
                                                    : std::move(refusal.id),
                         .name = std::move(refusal.name),
                         .queue = each.queue,
                         .pushed_at = time};
            message = std::move(left);
        } else if (message->expires && *message->expires < time && !message->is_followed()) {
            kind = "expired";
            said = write_celery_result({.state = State::expired, .id = message->id, .ended_at = time});
        } else if (message->due && *message->due > time) {
            kind = "later";
        }
        if (message->pushed_at == Timestamp()) {
            message->pushed_at = time;
        }
        are_claimed.push_back(each.is_plain && (kind == "new" || kind == "ignored"));
        if (are_claimed.back()) {
            message->failures = 0;
            read.push_back({std::move(*message), each.fence});
            continue;
        }
        words.push_back(integer_text(each.fence));
        words.emplace_back(kind);
        words.push_back(message->id);
        words.push_back(
            packed({message->name, message->queue, integer_text(message->priority), text_of(message->due),
                    integer_text(message->failures), text_of(message->pushed_at), said}));
        read.push_back({std::move(*message), each.fence});
    }
    redis::Reply reply;
    if (words.size() > 2) {
        reply = co_await run(scripts::adopt(), std::move(words));
    }
    const auto parts = reply.elements();
    std::vector<Claim> claims;
    std::size_t at = 0;
    std::int64_t asked = 0;
    for (std::size_t i = 0; i < read.size(); ++i) {
        Claim& each = read[i];
        if (are_claimed[i]) {
            claims.push_back(std::move(each));
        } else if (++asked; at + 2 < parts.size() && parts[at].integer() == asked) {
            each.message.failures = static_cast<int>(parts[at + 1].integer().value_or(0));
            each.message.deaths = static_cast<int>(parts[at + 2].integer().value_or(0));
            claims.push_back(std::move(each));
            at += 3;
        }
    }
    co_await look_at_followed(claims);
    co_return claims;
}

/// Celery's workers read from the envelope how often it failed and when it is due.
Async<std::string> RedisBroker::envelope_again(std::string worker, const Settlement& settlement) {
    const std::string fence = integer_text(settlement.held.fence);
    const std::string plain = concat({fence, " ", settlement.held.id});
    const auto reply = co_await ask(redis::Command("HMGET", concat({"brio:taken:", worker}), plain, fence));
    const auto found = reply.elements();
    const bool is_plain = !found.empty() && !found.front().is_nil();
    std::string_view envelope = found.empty() ? std::string_view() : found[is_plain ? 0 : 1].text();
    if (!is_plain) {  // it stands behind its list, whose length comes first
        std::size_t list = 0;
        const char* const end = envelope.data() + envelope.size();
        const char* const colon = std::from_chars(envelope.data(), end, list).ptr;
        envelope.remove_prefix(
            std::min(envelope.size(), static_cast<std::size_t>(colon - envelope.data()) + 1 + list));
    }
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
    const auto result_of = [time](Settlement& each) {
        return write_celery_result({.state = state_of(each.outcome),
                                    .id = each.held.id,
                                    .result = std::move(each.result),
                                    .error = std::move(each.error),
                                    .error_type = std::move(each.error_type),
                                    .ended_at = time});
    };
    const auto first = std::ranges::find(settlements, Outcome::done, &Settlement::outcome);
    const auto lasts = first == settlements.end() ? std::chrono::seconds(1) : first->result_lasts;
    const auto is_like_first = [&](const Settlement& each) {
        return each.outcome == Outcome::done && each.result_lasts == lasts;
    };
    const auto is_usual = std::views::filter(is_like_first);
    Words words{worker, text_of(time), integer_text(std::ranges::count_if(settlements, is_like_first)),
                integer_text(std::max<std::int64_t>(1, lasts.count()))};
    std::vector<std::size_t> places;  // of what the answer says, in its order
    for (Settlement& each : settlements | is_usual) {
        places.push_back(static_cast<std::size_t>(&each - settlements.data()));
        words.push_back(integer_text(each.held.fence));
        words.push_back(each.held.id);
        words.push_back(each.keeps_result ? result_of(each).substr(1) : "");
    }
    for (Settlement& each : settlements) {
        if (is_like_first(each)) {
            continue;
        }
        places.push_back(static_cast<std::size_t>(&each - settlements.data()));
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
        words.push_back(result_of(each));
        words.push_back(std::move(more));
    }
    const auto reply = co_await run(scripts::settle(), std::move(words));
    const auto answers = reply.elements();
    std::vector<bool> settled(settlements.size(), false);
    for (std::size_t i = 0; i < std::min(answers.size(), places.size()); ++i) {
        settled[places[i]] = answers[i].integer() == 1;
    }
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
    std::ranges::sort(held, {}, [](const Held& each) { return std::pair(each.fence, each.id); });
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
