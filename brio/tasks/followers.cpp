#include <brio/tasks/followers.hpp>

#include <algorithm>
#include <set>

#include <brio/base/text.hpp>
#include <brio/json/write.hpp>
#include <brio/tasks/celery_result.hpp>
#include <brio/tasks/signature.hpp>

namespace brio::tasks {
namespace {

using Outcome = Settlement::Outcome;
using Raws = std::vector<json::Raw>;

/// What is to be said to the broker.
struct Followers {
    std::vector<Message> pushed;
    std::vector<PartEnd> ended;
    std::vector<json::Raw> chords;  // of each of `ended`
    std::vector<std::size_t> of;    // its ending
};

Before before_of(const Tasks& tasks, const Message& message, Timestamp now) {
    return {.tasks = tasks,
            .now = now,
            .id = message.id,
            .root_id = message.root_id.empty() ? message.id : message.root_id,
            .traceparent = message.traceparent,
            .queue = message.queue,
            .result = {}};
}

void add(std::vector<Message>& to, std::vector<Message> more) {
    std::ranges::move(more, std::back_inserter(to));
}

std::string words_of(const Ending& ending) {
    const Settlement& settlement = ending.settlement;
    const auto how = settlement.error.empty() ? std::string(name_of(settlement.outcome))
                                              : concat({settlement.error_type, ": ", settlement.error});
    return concat({"the task ", ending.message.id, " that it comes after failed: ", how});
}

void follow_done(const Embed& embed, const Ending& ending, Before before, Followers& to) {
    before.result = ending.settlement.result.empty() ? "null" : ending.settlement.result;
    for (const json::Raw& each : embed.callbacks.value_or(Raws())) {
        ++before.place;
        add(to.pushed, fire(each, {}, before));
    }
    ++before.place;
    if (auto chain = embed.chain.value_or(Raws()); !chain.empty()) {
        const auto next = std::move(chain.back());
        chain.pop_back();
        add(to.pushed, fire(next, std::move(chain), before));
    }
}

void follow_failed(const Embed& embed, const Ending& ending, Before before, Followers& to) {
    before.result = json::to_string(ending.message.id);
    for (const json::Raw& each : embed.errbacks.value_or(Raws())) {
        ++before.place;
        add(to.pushed, fire(each, {}, before));
    }
}

/// What never comes, after a task or a group that failed.
class Lost {
public:
    explicit Lost(const Before& before) : before_(before) {}

    void add_after(const Embed& embed) {
        const auto chain = embed.chain.value_or(Raws());
        for (auto at = chain.rbegin(); at != chain.rend(); ++at) {
            add_signature(*at);
        }
    }
    void add_signature(const json::Raw& signature) {
        ++before_.place;
        for (Message& each : fire(signature, {}, before_)) {
            if (!seen_.insert(each.id).second) {
                continue;
            }
            const auto embed = Embed::read(each.embed);
            messages_.push_back(std::move(each));
            add_after(embed);
            if (embed.chord && groups_.insert(messages_.back().group_id).second) {
                add_signature(*embed.chord);
            }
        }
    }
    std::vector<Message> take() { return std::move(messages_); }

private:
    Before before_;
    std::vector<Message> messages_;
    std::set<std::string> seen_;
    std::set<std::string> groups_;
};

Async<void> push(Tasks& tasks, std::vector<Message> messages) {
    std::vector<std::string> names;
    for (const Message& each : messages) {
        names.push_back(each.name);
    }
    if (!messages.empty()) {
        co_await tasks.broker().push(std::move(messages));
    }
    for (const std::string& each : names) {
        tasks.metrics().pushed(each);
    }
}

/// All of a group have ended.
Async<void> end_group(Tasks& tasks, const std::vector<PartEnd>& parts, const json::Raw& chord,
                      Before before) {
    const auto failed = std::ranges::find(parts, false, &PartEnd::is_done);
    if (failed != parts.end()) {
        const auto words = concat({"the task ", failed->id, " of its group failed: ", failed->value});
        Lost lost(before);
        lost.add_signature(chord);
        co_await tasks.broker().bury(lost.take(), words);
        co_return;
    }
    Raws results;
    for (const PartEnd& each : parts) {
        results.emplace_back(each.value);
    }
    before.result = json::to_string(results);
    co_await push(tasks, fire(chord, {}, before));
    co_await tasks.broker().forget_group(parts.front().group);
}

}  // namespace

bool has_followers(const Message& message, const Settlement& settlement) noexcept {
    return message.is_followed() && settlement.outcome != Outcome::retried &&
           settlement.outcome != Outcome::returned;
}

Async<void> tell_followers(Tasks& tasks, std::vector<Ending> endings, Timestamp now) {
    Followers followers;
    for (std::size_t i = 0; i < endings.size(); ++i) {
        const Ending& each = endings[i];
        const auto embed = Embed::read(each.message.embed);
        const auto before = before_of(tasks, each.message, now);
        const bool is_done = each.settlement.outcome == Outcome::done;
        const bool has_more = embed.chain && !embed.chain->empty();
        if (is_done) {
            follow_done(embed, each, before, followers);
        } else {
            follow_failed(embed, each, before, followers);
            Lost lost(before);
            lost.add_after(embed);
            co_await tasks.broker().bury(lost.take(), words_of(each));
        }
        if (auto part = part_of(each.message, embed); part && !(is_done && has_more)) {
            followers.ended.push_back(
                {.group = std::move(part->group),
                 .size = part->size,
                 .index = part->index,
                 .id = std::move(part->id),
                 .is_done = is_done,
                 .value = is_done ? (each.settlement.result.empty() ? "null" : each.settlement.result)
                                  : celery_error(each.settlement.error_type, words_of(each))});
            followers.chords.push_back(std::move(part->chord));
            followers.of.push_back(i);
        }
    }
    co_await push(tasks, std::move(followers.pushed));
    if (followers.ended.empty()) {
        co_return;
    }
    const auto groups = co_await tasks.broker().join(std::move(followers.ended));
    std::set<std::string> ended;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        if (!groups[i].empty() && ended.insert(groups[i].front().group).second) {
            co_await end_group(tasks, groups[i], followers.chords[i],
                               before_of(tasks, endings[followers.of[i]].message, now));
        }
    }
}

}  // namespace brio::tasks
