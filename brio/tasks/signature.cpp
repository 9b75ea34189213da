#include <brio/tasks/signature.hpp>

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include <xxhash.h>

#include <brio/base/text.hpp>
#include <brio/json/write.hpp>
#include <brio/reflect/uuid.hpp>

namespace brio::tasks {
namespace {

using Raws = std::vector<json::Raw>;

json::Raw raw(auto const& value) { return json::Raw(json::to_string(value)); }

/// A signature that can be changed.
struct Signature {
    JsonMembers members;
    JsonMembers options;
    JsonMembers kwargs;

    explicit Signature(const json::Raw& text)
        : members(read_python<JsonMembers>(text.text).value_or(JsonMembers())) {
        options = read_python<JsonMembers>(member(members, "options")).value_or(JsonMembers());
        kwargs = read_python<JsonMembers>(member(members, "kwargs")).value_or(JsonMembers());
    }

    std::string name() const { return text_member(members, "task").value_or(""); }
    bool is(std::string_view kind) const {
        return text_member(members, "subtask_type") == kind || name() == concat({"celery.", kind});
    }
    bool is_immutable() const { return member(members, "immutable") == "true"; }
    Raws args() const { return read_python<Raws>(member(members, "args")).value_or(Raws()); }
    std::optional<std::string> option(std::string_view key) const { return text_member(options, key); }
    template <class T>
    std::optional<T> option_of(std::string_view key) const {
        const auto text = member(options, key);
        return text.empty() || text == "null" ? std::nullopt : read_python<T>(text);
    }
    /// A signature or a list of such.
    Raws listed(std::string_view key) const {
        const auto text = member(options, key);
        if (text.starts_with('{')) {
            return {json::Raw(std::string(text))};
        }
        return option_of<Raws>(key).value_or(Raws());
    }
    json::Raw text() const {
        auto all = members;
        all["options"] = raw(options);
        all["kwargs"] = raw(kwargs);
        return raw(all);
    }
};

void add_to(Signature& to, std::string_view key, const Raws& more) {
    if (more.empty()) {
        return;
    }
    auto all = to.listed(key);
    all.insert(all.end(), more.begin(), more.end());
    to.options[std::string(key)] = raw(all);
}
/// What a whole chain or chord hands to what comes last in it.
void hand_on(const Signature& from, Signature& to) {
    add_to(to, "link", from.listed("link"));
    add_to(to, "link_error", from.listed("link_error"));
    for (const std::string_view key : {"chord", "group_id", "group_index"}) {
        if (const auto value = member(from.options, key); !value.empty() && value != "null") {
            to.options[std::string(key)] = json::Raw(std::string(value));
        }
    }
}

/// Whose end is the end of the whole.
Signature last_of(Signature whole) {
    for (;;) {
        auto steps = whole.is("chain") ? read_python<Raws>(member(whole.kwargs, "tasks")) : std::nullopt;
        if (steps && !steps->empty()) {
            whole = Signature(steps->back());
        } else if (whole.is("chord")) {
            whole = Signature(json::Raw(std::string(member(whole.kwargs, "body"))));
        } else {
            return whole;
        }
    }
}

struct Refused {
    std::string words;
};

/// As every broker takes it.
std::string checked_name(std::string name, std::string_view what) {
    if (name.empty() || name.size() > most_name_bytes || name.contains('\0')) {
        throw Refused(concat({what, " is no text of 1 to ", integer_text(most_name_bytes), " bytes"}));
    }
    return name;
}

class Firing {
public:
    explicit Firing(const Before& before) : before_(before), result_(before.result) {}

    void fire(Signature signature, Raws chain) {
        if (++depth_ > most_depth) {
            throw Refused(concat({"more than ", integer_text(most_depth), " stand within one another"}));
        }
        // What comes after the signature itself comes first.
        const auto own = signature.listed("chain");
        chain.insert(chain.end(), own.begin(), own.end());
        if (signature.is("chain")) {
            fire_chain(signature, std::move(chain));
        } else if (signature.is("group")) {
            fire_group(signature, std::move(chain));
        } else if (signature.is("chord")) {
            fire_chord(signature, std::move(chain));
        } else {
            fire_task(signature, std::move(chain));
        }
        --depth_;
    }
    std::vector<Message> take() { return std::move(messages_); }

private:
    static constexpr int most_depth = 32;

    /// What is made may be as large as the square of what it is made of.
    void count(std::size_t bytes) {
        bytes_ += bytes;
        if (bytes_ > most_fired_bytes) {
            throw Refused(concat({"its tasks have more than ", integer_text(most_fired_bytes), " bytes"}));
        }
    }
    json::Raw with_errbacks(const json::Raw& text, const Raws& errbacks) {
        if (errbacks.empty()) {
            return text;
        }
        Signature signature(text);
        add_to(signature, "link_error", errbacks);
        auto with = signature.text();
        count(with.text.size());
        return with;
    }
    /// The tasks of a list or of a group's signature, with those of groups within it.
    Raws tasks_in(std::string_view text, const Raws& errbacks) {
        if (text.starts_with('{')) {
            return flattened({json::Raw(std::string(text))}, errbacks);
        }
        return flattened(read_python<Raws>(text).value_or(Raws()), errbacks);
    }
    Raws flattened(const Raws& tasks, const Raws& errbacks) {
        Raws flat;
        for (const json::Raw& each : tasks) {
            const auto whole = with_errbacks(each, errbacks);
            const Signature signature(whole);
            if (signature.is("group")) {
                std::ranges::move(tasks_in(member(signature.kwargs, "tasks"), signature.listed("link_error")),
                                  std::back_inserter(flat));
            } else {
                flat.push_back(whole);
            }
        }
        return flat;
    }

    void fire_chain(const Signature& whole, Raws chain) {
        auto steps = read_python<Raws>(member(whole.kwargs, "tasks")).value_or(Raws());
        if (steps.empty()) {
            return;
        }
        Signature last(steps.back());
        hand_on(whole, last);
        steps.back() = last.text();
        const auto errbacks = whole.listed("link_error");  // whichever of them fails
        for (json::Raw& each : std::span(steps).first(steps.size() - 1)) {
            each = with_errbacks(each, errbacks);
        }
        chain.insert(chain.end(), steps.rbegin(), steps.rend() - 1);
        fire(Signature(steps.front()), std::move(chain));
    }

    void fire_group(const Signature& whole, Raws chain) {
        const auto tasks = tasks_in(member(whole.kwargs, "tasks"), whole.listed("link_error"));
        if (!chain.empty()) {  // what comes after a group waits for all of it
            Signature body(chain.back());
            chain.pop_back();
            fire_parts(tasks, std::move(body), std::move(chain), id_of(whole));
            return;
        }
        const auto group = id_of(whole);
        for (const json::Raw& each : tasks) {
            Signature part(each);
            part.options["group_id"] = raw(group);
            fire(std::move(part), {});
        }
    }

    void fire_chord(const Signature& whole, Raws chain) {
        Signature body(json::Raw(std::string(member(whole.kwargs, "body"))));
        hand_on(whole, body);
        const auto header = tasks_in(member(whole.kwargs, "header"), whole.listed("link_error"));
        fire_parts(header, std::move(body), std::move(chain), id_of(whole));
    }

    void fire_parts(const Raws& parts, Signature body, Raws chain, const std::string& group) {
        if (!chain.empty()) {
            const auto own = body.listed("chain");
            chain.insert(chain.end(), own.begin(), own.end());
            body.options["chain"] = raw(chain);
        }
        if (parts.empty()) {
            auto before = std::exchange(result_, "[]");
            fire(std::move(body), {});
            result_ = std::move(before);
            return;
        }
        body.members["chord_size"] = raw(parts.size());
        const auto text = body.text();
        for (std::size_t i = 0; i < parts.size(); ++i) {
            Signature part(parts[i]);
            if (last_of(part).is("group")) {
                throw Refused(
                    "a part of a group that is waited for ends with a group: it needs a step behind it");
            }
            part.options["group_id"] = raw(group);
            part.options["group_index"] = raw(i);
            part.options["chord"] = text;
            fire(std::move(part), {});
        }
    }

    void fire_task(const Signature& signature, Raws chain) {
        const auto& tasks = before_.tasks;
        const auto name = checked_name(signature.name(), "the name of a task");
        const auto* definition = tasks.find(name);
        const Policy unknown{.name = name};
        Message message =
            tasks.new_message(name, definition != nullptr ? definition->policy : unknown, before_.now);
        message.id = id_of(signature);
        message.queue = checked_name(queue_of(signature, name, definition != nullptr), "the name of a queue");
        if (const auto priority = signature.option_of<std::uint8_t>("priority")) {
            message.priority = *priority;
        }
        auto args = signature.args();
        if (result_ && !signature.is_immutable()) {
            args.insert(args.begin(), json::Raw(*result_));
        }
        message.args = json::to_string(args);
        message.kwargs = json::to_string(signature.kwargs);
        set_times(signature, message);
        message.ignores_result =
            message.ignores_result || member(signature.options, "ignore_result") == "true";
        message.root_id = before_.root_id.empty() ? message.id : before_.root_id;
        message.parent_id = before_.id;
        message.trace = before_.trace;
        if (auto group = signature.option("group_id"); group && !group->empty()) {
            message.group_id = checked_name(std::move(*group), "the id of a group");
        }
        message.group_index = signature.option_of<std::int64_t>("group_index");
        Embed embed;
        const auto unless_empty = [](Raws all) {
            return all.empty() ? std::nullopt : std::optional(std::move(all));
        };
        embed.callbacks = unless_empty(signature.listed("link"));
        embed.errbacks = unless_empty(signature.listed("link_error"));
        embed.chain = unless_empty(std::move(chain));
        embed.chord = signature.option_of<json::Raw>("chord");
        message.embed = embed.says_nothing() ? std::string() : embed.text();
        count(message.args.size() + message.kwargs.size() + message.embed.size());
        if (messages_.size() == most_fired) {
            throw Refused(concat({"it has more than ", integer_text(most_fired), " tasks"}));
        }
        messages_.push_back(std::move(message));
    }

    void set_times(const Signature& signature, Message& message) const {
        const auto from_now = [this](double seconds) {
            constexpr double most = 1e9;
            return Timestamp(before_.now.microseconds +
                             static_cast<std::int64_t>(std::clamp(seconds, -most, most) * 1e6));
        };
        const auto time = [&](std::string_view key) -> std::optional<Timestamp> {
            if (auto text = signature.option(key)) {
                const bool has_offset =
                    text->size() > 10 && text->find_first_of("Zz+-", 10) != std::string::npos;
                const auto parsed = Timestamp::parse(has_offset ? *text : *text + "Z");
                return parsed ? std::optional(*parsed) : std::nullopt;
            }
            const auto seconds = signature.option_of<double>(key);
            return seconds ? std::optional(from_now(*seconds)) : std::nullopt;
        };
        message.due = time("eta");
        if (!message.due) {
            message.due = time("countdown");
        }
        message.expires = time("expires");
        const auto limit = [&](std::string_view key) -> std::optional<std::chrono::milliseconds> {
            const auto seconds = signature.option_of<double>(key);
            if (!seconds || !(*seconds > 0)) {
                return std::nullopt;
            }
            return std::chrono::milliseconds(static_cast<std::int64_t>(std::min(*seconds, 1e8) * 1e3));
        };
        message.hard_deadline = limit("time_limit");
        message.deadline = limit("soft_time_limit");
        message.reply_to = signature.option("reply_to").value_or("");
    }

    /// Where the program's own tasks go; what it does not know stays where the task before came from, since
    /// somebody there knows it.
    std::string queue_of(const Signature& signature, const std::string& name, bool is_known) const {
        if (auto given = signature.option("queue"); given && !given->empty()) {
            return std::move(*given);
        }
        if (is_known || !before_.tasks.set().routes.queue_of(name).empty() || before_.queue.empty()) {
            const auto* definition = before_.tasks.find(name);
            return before_.tasks.queue_of(name, is_known ? definition->policy.queue : std::string_view());
        }
        return before_.queue;
    }

    std::string id_of(const Signature& signature) {
        auto id = signature.option("task_id");
        ++places_;
        if (id && !id->empty()) {
            return checked_name(std::move(*id), "the id of a task");
        }
        const auto seed = concat({before_.id, " ", integer_text(before_.place), " ", integer_text(places_)});
        const auto hash = XXH3_128bits(seed.data(), seed.size());
        XXH128_canonical_t bytes;
        XXH128_canonicalFromHash(&bytes, hash);
        Uuid uuid;
        std::ranges::copy(bytes.digest, uuid.bytes.begin());
        uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0f) | 0x80);  // version 8: of one's own
        uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3f) | 0x80);
        return uuid.text();
    }

    const Before& before_;
    std::optional<std::string> result_;  // before.result, but behind a group of nothing
    std::vector<Message> messages_;
    std::size_t bytes_ = 0;
    int depth_ = 0;
    int places_ = 0;
};

}  // namespace

Embed Embed::read(std::string_view json) {
    if (json.empty()) {
        return {};
    }
    auto embed = read_python<Embed>(json).value_or(Embed());
    if (embed.chord && !embed.chord->text.starts_with('{')) {
        embed.chord.reset();
    }
    return embed;
}

std::string Embed::text() const { return json::to_string(*this); }

bool Embed::says_nothing() const noexcept {
    const auto is_empty = [](const auto& list) { return !list || list->empty(); };
    return is_empty(callbacks) && is_empty(errbacks) && is_empty(chain) && !chord;
}

std::expected<std::vector<Message>, std::string> fire(const json::Raw& signature,
                                                      std::vector<json::Raw> chain, const Before& before) {
    Firing firing(before);
    try {
        firing.fire(Signature(signature), std::move(chain));
    } catch (Refused& refused) {
        return std::unexpected(std::move(refused.words));
    }
    return firing.take();
}

std::optional<Part> part_of(const Message& message, const Embed& embed) {
    const auto size_of = [](const json::Raw& chord) {
        return read_python<std::uint64_t>(member(Signature(chord).members, "chord_size")).value_or(0);
    };
    if (embed.chord && !message.group_id.empty()) {
        return Part{.group = message.group_id,
                    .index = message.group_index.value_or(0),
                    .size = size_of(*embed.chord),
                    .id = message.id,
                    .chord = *embed.chord};
    }
    for (const json::Raw& each : embed.chain.value_or(Raws())) {
        const Signature step(each);
        auto chord = step.option_of<json::Raw>("chord");
        auto group = step.option("group_id");
        if (chord && group && chord->text.starts_with('{')) {
            const auto size = size_of(*chord);
            return Part{.group = std::move(*group),
                        .index = step.option_of<std::int64_t>("group_index").value_or(0),
                        .size = size,
                        .id = step.option("task_id").value_or(message.id),
                        .chord = std::move(*chord)};
        }
    }
    return std::nullopt;
}

}  // namespace brio::tasks
