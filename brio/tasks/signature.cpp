#include <brio/tasks/signature.hpp>

#include <algorithm>
#include <cmath>

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

/// The tasks of a group, with those of groups within it.
Raws flattened(const Raws& tasks) {
    Raws flat;
    for (const json::Raw& each : tasks) {
        const Signature signature(each);
        if (signature.is("group")) {
            const auto within =
                flattened(read_python<Raws>(member(signature.kwargs, "tasks")).value_or(Raws()));
            flat.insert(flat.end(), within.begin(), within.end());
        } else {
            flat.push_back(each);
        }
    }
    return flat;
}
/// Of a list, or of a group's signature.
Raws tasks_in(std::string_view text) {
    if (text.starts_with('{')) {
        return flattened({json::Raw(std::string(text))});
    }
    return flattened(read_python<Raws>(text).value_or(Raws()));
}

void add_to(Signature& to, std::string_view key, const Raws& more) {
    if (more.empty()) {
        return;
    }
    auto all = to.listed(key);
    all.insert(all.end(), more.begin(), more.end());
    to.options[std::string(key)] = raw(all);
}
json::Raw with_errbacks(const json::Raw& text, const Raws& errbacks) {
    if (errbacks.empty()) {
        return text;
    }
    Signature signature(text);
    add_to(signature, "link_error", errbacks);
    return signature.text();
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

class Firing {
public:
    explicit Firing(const Before& before) : before_(before) {}

    void fire(Signature signature, Raws chain) {
        if (++depth_ > most_depth) {
            return;
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
    static constexpr int most_depth = 32;  // of what stands within one another

    void fire_chain(const Signature& whole, Raws chain) {
        auto steps = read_python<Raws>(member(whole.kwargs, "tasks")).value_or(Raws());
        if (steps.empty()) {
            return;
        }
        Signature last(steps.back());
        hand_on(whole, last);
        steps.back() = last.text();
        const auto errbacks = whole.listed("link_error");  // whichever of them fails
        for (auto at = steps.begin(); at + 1 != steps.end(); ++at) {
            *at = with_errbacks(*at, errbacks);
        }
        chain.insert(chain.end(), steps.rbegin(), steps.rend() - 1);
        fire(Signature(steps.front()), std::move(chain));
    }

    void fire_group(const Signature& whole, Raws chain) {
        auto tasks = tasks_in(member(whole.kwargs, "tasks"));
        for (json::Raw& each : tasks) {
            each = with_errbacks(each, whole.listed("link_error"));
        }
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
        auto header = tasks_in(member(whole.kwargs, "header"));
        for (json::Raw& each : header) {
            each = with_errbacks(each, whole.listed("link_error"));
        }
        fire_parts(header, std::move(body), std::move(chain), id_of(whole));
    }

    void fire_parts(const Raws& parts, Signature body, Raws chain, const std::string& group) {
        if (!chain.empty()) {
            const auto own = body.listed("chain");
            chain.insert(chain.end(), own.begin(), own.end());
            body.options["chain"] = raw(chain);
        }
        if (parts.empty()) {
            Before before = before_;
            before.result = "[]";
            Firing at_once(before);
            at_once.fire(std::move(body), {});
            for (Message& each : at_once.take()) {
                messages_.push_back(std::move(each));
            }
            return;
        }
        body.members["chord_size"] = raw(parts.size());
        const auto text = body.text();
        for (std::size_t i = 0; i < parts.size(); ++i) {
            Signature part(parts[i]);
            part.options["group_id"] = raw(group);
            part.options["group_index"] = raw(i);
            part.options["chord"] = text;
            fire(std::move(part), {});
        }
    }

    void fire_task(const Signature& signature, Raws chain) {
        const auto& tasks = before_.tasks;
        const auto name = signature.name();
        if (name.empty()) {
            return;
        }
        const auto* definition = tasks.find(name);
        const Policy unknown{.name = name};
        Message message =
            tasks.new_message(name, definition != nullptr ? definition->policy : unknown, before_.now);
        message.id = id_of(signature);
        message.queue = queue_of(signature, name, definition != nullptr);
        if (const auto priority = signature.option_of<std::uint8_t>("priority")) {
            message.priority = *priority;
        }
        auto args = signature.args();
        if (before_.result && !signature.is_immutable()) {
            args.insert(args.begin(), json::Raw(*before_.result));
        }
        message.args = json::to_string(args);
        message.kwargs = json::to_string(signature.kwargs);
        set_times(signature, message);
        message.ignores_result =
            message.ignores_result || member(signature.options, "ignore_result") == "true";
        message.root_id = before_.root_id.empty() ? message.id : before_.root_id;
        message.parent_id = before_.id;
        message.traceparent = before_.traceparent;
        message.group_id = signature.option("group_id").value_or("");
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
            return std::move(*id);
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
    std::vector<Message> messages_;
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

std::vector<Message> fire(const json::Raw& signature, std::vector<json::Raw> chain, const Before& before) {
    Firing firing(before);
    firing.fire(Signature(signature), std::move(chain));
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
