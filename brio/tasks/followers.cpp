#include <brio/tasks/followers.hpp>

#include <algorithm>
#include <expected>
#include <set>
#include <stdexcept>

#include <brio/base/log.hpp>
#include <brio/base/text.hpp>
#include <brio/json/write.hpp>
#include <brio/runtime/errors.hpp>
#include <brio/tasks/batcher.hpp>
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
            .trace = message.trace,
            .queue = message.queue,
            .result = {}};
}

/// What follows cannot be pushed, now or later.
class CannotFollow : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

void add(std::vector<Message>& to, std::expected<std::vector<Message>, std::string> more) {
    if (!more) {
        throw CannotFollow(more.error());
    }
    std::ranges::move(*more, std::back_inserter(to));
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
        if (auto messages = fire(each, {}, before)) {
            add(to.pushed, std::move(messages));
        } else {
            log_warning("what was to be pushed at the failure of a task cannot be",
                        {{"id", ending.message.id}, {"error", messages.error()}});
        }
    }
}

/// What never comes, after a task or a group that failed, as far as it could be pushed.
class Lost {
public:
    explicit Lost(const Before& before) : before_(before) { before_.result.reset(); }

    void add_after(const Embed& embed) {
        const auto chain = embed.chain.value_or(Raws());
        for (auto at = chain.rbegin(); at != chain.rend(); ++at) {
            add_signature(*at);
        }
    }
    void add_signature(const json::Raw& signature) {
        ++before_.place;
        for (Message& each : fire(signature, {}, before_).value_or(std::vector<Message>())) {
            if (messages_.size() == most_fired || bytes_ > most_fired_bytes ||
                !seen_.insert(each.id).second) {
                continue;
            }
            const auto embed = Embed::read(each.embed);
            bytes_ += each.args.size() + each.kwargs.size() + each.embed.size();
            messages_.push_back(std::move(each));
            const auto group = messages_.back().group_id;
            add_after(embed);
            if (embed.chord && groups_.insert(group).second) {
                add_signature(*embed.chord);
            }
        }
    }
    std::vector<Message> take() { return std::move(messages_); }

private:
    Before before_;
    std::vector<Message> messages_;
    std::size_t bytes_ = 0;
    std::set<std::string> seen_;
    std::set<std::string> groups_;
};

/// Told again all of it, so it need not be one step.
std::vector<std::vector<Message>> in_parts(std::vector<Message> messages) {
    std::vector<std::vector<Message>> parts;
    for (Message& each : messages) {
        if (parts.empty() || parts.back().size() == Batcher::most_messages) {
            parts.emplace_back();
        }
        parts.back().push_back(std::move(each));
    }
    return parts;
}

Async<void> push(Tasks& tasks, std::vector<Message> messages) {
    for (auto& part : in_parts(std::move(messages))) {
        std::vector<std::string> names;
        for (const Message& each : part) {
            names.push_back(each.name);
        }
        co_await tasks.broker().push(std::move(part));
        for (const std::string& each : names) {
            tasks.metrics().pushed(each);
        }
    }
}

Async<void> bury(Tasks& tasks, Lost lost, std::string words) {
    for (auto& part : in_parts(lost.take())) {
        co_await tasks.broker().bury(std::move(part), words);
    }
}

/// All of a group have ended.
Async<void> end_group(Tasks& tasks, const std::vector<PartEnd>& parts, const json::Raw& chord,
                      Before before) {
    const auto failed = std::ranges::find(parts, false, &PartEnd::is_done);
    std::string why;
    if (failed != parts.end()) {
        why = concat({"the task ", failed->id, " of its group failed: ", failed->value});
    } else {
        Raws results;
        for (const PartEnd& each : parts) {
            results.emplace_back(each.value);
        }
        before.result = json::to_string(results);
        if (auto messages = fire(chord, {}, before)) {
            co_await push(tasks, std::move(*messages));
            co_await tasks.broker().forget_group(parts.front().group);
            co_return;
        } else {  // as the results are too large
            why = concat({"it cannot be pushed: ", messages.error()});
        }
    }
    Lost lost(before);
    lost.add_signature(chord);
    co_await bury(tasks, std::move(lost), std::move(why));
}

Async<void> tell(Tasks& tasks, std::vector<Ending> endings, Timestamp now) {
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
            co_await bury(tasks, std::move(lost), words_of(each));
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

/// How a task ends of which what follows can never be pushed.
Settlement failed_by(const std::exception& error, Settlement settlement) {
    settlement.outcome = Outcome::failed;
    settlement.result.clear();
    settlement.error = concat({"what follows it cannot be pushed: ", error.what()});
    settlement.error_type = "followers";
    return settlement;
}

/// Gives why it can never be told.
Async<std::optional<Settlement>> try_to_tell(Tasks& tasks, Ending ending, Timestamp now) {
    std::vector<Ending> alone;
    alone.push_back(ending);
    try {
        co_await tell(tasks, std::move(alone), now);
    } catch (const runtime::Unavailable&) {
        throw;
    } catch (const runtime::Cancelled&) {
        throw;
    } catch (const std::exception& error) {
        log_warning("what follows a task cannot be pushed",
                    {{"task", ending.message.name}, {"id", ending.message.id}, {"error", error.what()}});
        co_return failed_by(error, std::move(ending.settlement));
    }
    co_return std::nullopt;
}

}  // namespace

bool has_followers(const Message& message, const Settlement& settlement) noexcept {
    return message.is_followed() && settlement.outcome != Outcome::retried &&
           settlement.outcome != Outcome::returned;
}

Async<std::vector<Settlement>> tell_followers(Tasks& tasks, std::vector<Ending> endings, Timestamp now) {
    std::vector<Settlement> changed;
    try {
        co_await tell(tasks, endings, now);
        co_return changed;
    } catch (const runtime::Unavailable&) {
        throw;
    } catch (const runtime::Cancelled&) {
        throw;
    } catch (const std::exception&) {  // of one of them: the others are not to suffer for it
    }
    for (Ending& each : endings) {
        const bool is_done = each.settlement.outcome == Outcome::done;
        auto instead = co_await try_to_tell(tasks, each, now);
        if (instead && is_done) {
            each.settlement = *instead;
            co_await try_to_tell(tasks, std::move(each), now);  // that it failed
            changed.push_back(std::move(*instead));
        }
    }
    co_return changed;
}

}  // namespace brio::tasks
