#include <brio/tasks/celery_message.hpp>

#include <algorithm>
#include <cmath>
#include <tuple>

#include <brio/base/text.hpp>
#include <brio/http/tracestate.hpp>
#include <brio/json/write.hpp>
#include <brio/reflect/bytes.hpp>
#include <brio/tasks/celery_json.hpp>

namespace brio::tasks {
namespace {

constexpr std::string_view no_embed = R"({"callbacks":null,"errbacks":null,"chain":null,"chord":null})";
constexpr std::size_t longest_repr = 1024;

struct Refused {
    std::string words;
};

/// A member of an object, of whatever type; also none where it is null.
using Member = std::optional<json::Raw>;

/// What is read of an envelope. Of the eight further headers of each message nothing is kept.
struct Headers {
    static constexpr bool open_object = true;
    Member id;
    Member task;
    Member root_id;
    Member parent_id;
    Member traceparent;
    Member tracestate;
    Member compression;
    Member eta;
    Member expires;
    Member pushed_at;
    Member retries;
    Member ignore_result;
    Member timelimit;
    Member group;
    Member group_index;
};
struct Properties {
    static constexpr bool open_object = true;
    Member priority;
    Member body_encoding;
};

std::optional<std::string> string_of(const Member& member) {
    return member && member->text.starts_with('"') ? read_python<std::string>(member->text) : std::nullopt;
}

using Seconds = std::chrono::duration<double>;

std::optional<double> seconds_of(std::optional<std::chrono::milliseconds> time) {
    return time ? std::optional(Seconds(*time).count()) : std::nullopt;
}

/// Written with an offset, read without one too: then it is UTC, as Celery takes it.
std::optional<Timestamp> time_of(const Member& member, std::string_view name) {
    if (!member) {
        return std::nullopt;
    }
    auto text = string_of(member);
    if (!text) {
        throw Refused(concat({name, " is no text"}));
    }
    constexpr std::size_t date = 10;
    if (text->size() > date) {
        (*text)[date] = (*text)[date] == ' ' ? 'T' : (*text)[date];
        if (text->find_first_of("Zz+-", date) == std::string::npos) {
            *text += 'Z';
        }
    }
    const auto time = Timestamp::parse(*text);
    if (!time) {
        throw Refused(concat({name, " ", time.error()}));
    }
    return *time;
}

int count_of(const Member& member, int most) {
    if (!member) {
        return 0;
    }
    const auto text = string_of(member);
    const auto value = read_python<std::int64_t>(text ? *text : member->text);
    return static_cast<int>(std::clamp<std::int64_t>(value.value_or(0), 0, most));
}

std::optional<std::chrono::milliseconds> limit_of(const std::optional<double>& seconds) {
    if (!seconds || *seconds <= 0) {
        return std::nullopt;
    }
    constexpr Seconds most = std::chrono::hours(24 * 365);
    return std::max(std::chrono::milliseconds(1),
                    std::chrono::round<std::chrono::milliseconds>(std::min(Seconds(*seconds), most)));
}

void read_limits(const Member& timelimit, Message& to) {
    using Limits = std::tuple<std::optional<double>, std::optional<double>>;
    if (!timelimit) {
        return;
    }
    const auto limits = read_python<Limits>(timelimit->text);
    if (!limits) {
        throw Refused("timelimit is no pair of numbers");
    }
    to.hard_deadline = limit_of(std::get<0>(*limits));
    to.deadline = limit_of(std::get<1>(*limits));
}

std::string body_of(const JsonMembers& envelope, const Member& encoding) {
    auto body = text_member(envelope, "body");
    if (!body) {
        throw Refused("there is no body");
    }
    if (!encoding) {
        return std::move(*body);
    }
    if (encoding->text != R"("base64")") {
        throw Refused("body_encoding is not base64");
    }
    auto bytes = Bytes::parse(*body);
    if (!bytes) {
        throw Refused("the body is no base64");
    }
    return std::move(bytes->value);
}

bool says_nothing(std::string_view embed) {
    if (embed == "null" || embed == no_embed) {
        return true;
    }
    const auto members = read_python<JsonMembers>(embed);
    if (!members) {
        throw Refused("the third of the body is no object");
    }
    return std::ranges::all_of(*members, [](const auto& each) { return each.second.text == "null"; });
}

void read_body(std::string_view body, Message& to) {
    auto parts = read_python<std::vector<json::Raw>>(body);
    if (!parts || parts->size() != 3) {
        throw Refused("the body is no JSON array of three");
    }
    if (!(*parts)[0].text.starts_with('[')) {
        throw Refused("args is no array");
    }
    if (!(*parts)[1].text.starts_with('{')) {
        throw Refused("kwargs is no object");
    }
    to.args = std::move((*parts)[0].text);
    to.kwargs = std::move((*parts)[1].text);
    if (!says_nothing((*parts)[2].text)) {
        to.embed = std::move((*parts)[2].text);
    }
}

template <class Object>
Object object_member(const JsonMembers& envelope, std::string_view name) {
    auto object = read_python<Object>(member(envelope, name));
    if (!object) {
        throw Refused(concat({"there are no ", name}));
    }
    return std::move(*object);
}

std::string required_text(const Member& member, std::string_view name) {
    auto text = string_of(member);
    if (!text || text->empty()) {
        throw Refused(concat({"the header ", name, " is not there or no text"}));
    }
    if (text->size() > most_name_bytes) {
        throw Refused(concat({"the header ", name, " is longer than ", integer_text(most_name_bytes)}));
    }
    return std::move(*text);
}

void read_headers(const Headers& headers, Message& to) {
    to.id = string_of(headers.id).value_or("").substr(0, most_name_bytes);
    to.name = string_of(headers.task).value_or("").substr(0, most_name_bytes);
    to.id = required_text(headers.id, "id");
    to.name = required_text(headers.task, "task");
    if (headers.compression) {
        throw Refused("its body is compressed");
    }
    to.due = time_of(headers.eta, "eta");
    to.expires = time_of(headers.expires, "expires");
    to.pushed_at = time_of(headers.pushed_at, "pushed_at").value_or(Timestamp());
    to.failures = count_of(headers.retries, 1'000'000);
    to.ignores_result = headers.ignore_result && headers.ignore_result->text == "true";
    to.root_id = string_of(headers.root_id).value_or(to.id);
    to.parent_id = string_of(headers.parent_id).value_or("");
    to.trace.parent = string_of(headers.traceparent).value_or("");
    if (auto state = string_of(headers.tracestate); state && http::is_tracestate(*state)) {
        to.trace.state = std::move(*state);
    }
    to.group_id = string_of(headers.group).value_or("").substr(0, most_name_bytes);
    if (headers.group_index) {
        to.group_index = read_python<std::int64_t>(headers.group_index->text);
    }
    read_limits(headers.timelimit, to);
}

void write_texts(Buffer& out, std::initializer_list<std::pair<std::string_view, std::string_view>> texts) {
    for (const auto& [name, text] : texts) {
        json::write_key(out, name);
        json::write_string(out, text);
        out.push_back(',');
    }
}

template <class T>
void write_member(Buffer& out, std::string_view name, const T& value) {
    json::write_key(out, name);
    json::write(out, value);
    out.push_back(',');
}

std::string body_of(const Message& message) {
    const std::string_view embed =
        message.embed.empty() ? std::string_view("{}") : std::string_view(message.embed);
    return concat({"[", message.args, ",", message.kwargs, ",", embed, "]"});
}

void check_type(std::string_view type) {
    if (type != "application/json") {
        throw Refused(concat(
            {"its content-type is ", type.substr(0, most_name_bytes), "; only application/json is taken"}));
    }
}

void write_headers(Buffer& out, const Message& message) {
    write_texts(out, {{"id", message.id},
                      {"lang", "cpp"},
                      {"task", message.name},
                      {"root_id", message.root_id.empty() ? message.id : message.root_id},
                      {"argsrepr", std::string_view(message.args).substr(0, longest_repr)},
                      {"kwargsrepr", std::string_view(message.kwargs).substr(0, longest_repr)},
                      {"origin", "brio"}});
    if (!message.group_id.empty()) {
        write_texts(out, {{"group", message.group_id}});
    }
    if (message.group_index) {
        write_member(out, "group_index", message.group_index);
    }
    write_member(out, "retries", message.failures);
    if (message.due) {
        write_member(out, "eta", message.due);
    }
    if (message.expires) {
        write_member(out, "expires", message.expires);
    }
    if (message.hard_deadline || message.deadline) {
        write_member(out, "timelimit",
                     std::tuple(seconds_of(message.hard_deadline), seconds_of(message.deadline)));
    }
    if (!message.parent_id.empty()) {
        write_texts(out, {{"parent_id", message.parent_id}});
    }
    if (!message.trace.parent.empty()) {
        write_texts(out, {{"traceparent", message.trace.parent}});
    }
    if (!message.trace.state.empty()) {
        write_texts(out, {{"tracestate", message.trace.state}});
    }
    write_member(out, "pushed_at", message.pushed_at);
    json::write_key(out, "ignore_result");
    out.append(message.ignores_result ? "true" : "false");
}

}  // namespace

std::string celery_list(std::string_view queue, std::uint8_t priority) {
    constexpr std::string_view separator = "\x06\x16";
    const auto step = std::min(priority / 3 * 3, 9);
    return step == 0 ? std::string(queue) : concat({queue, separator, integer_text(step)});
}

std::string write_celery(const Message& message, std::string_view delivery_tag) {
    const Bytes body(body_of(message));
    Buffer out;
    out.append(R"({"headers":{)");
    write_headers(out, message);
    out.append(R"(},"body":)");
    json::write(out, body);
    out.append(R"(,"content-encoding":"utf-8","content-type":"application/json","properties":{)");
    write_texts(out, {{"correlation_id", message.id}, {"reply_to", message.id}});
    out.append(R"("delivery_mode":2,"delivery_info":{"exchange":"",)");
    json::write_key(out, "routing_key");
    json::write_string(out, message.queue);
    out.append("},");
    write_member(out, "priority", message.priority);
    write_texts(out, {{"body_encoding", "base64"}});
    json::write_key(out, "delivery_tag");
    json::write_string(out, delivery_tag);
    out.append("}}");
    return std::string(out.view());
}

std::expected<Message, CeleryRefusal> read_celery(std::string_view text, std::string_view queue) {
    Message message;
    message.queue = queue;
    try {
        const auto envelope = read_python<JsonMembers>(text);
        if (!envelope) {
            throw Refused("it is no JSON object");
        }
        read_headers(object_member<Headers>(*envelope, "headers"), message);
        check_type(text_member(*envelope, "content-type").value_or("not there"));
        const auto properties = object_member<Properties>(*envelope, "properties");
        message.priority = static_cast<std::uint8_t>(count_of(properties.priority, UINT8_MAX));
        read_body(body_of(*envelope, properties.body_encoding), message);
    } catch (const Refused& refused) {
        return std::unexpected(CeleryRefusal{std::move(message.id), std::move(message.name), refused.words});
    }
    return message;
}

CeleryParts write_celery_parts(const Message& message) {
    Buffer headers;
    headers.push_back('{');
    write_headers(headers, message);
    headers.push_back('}');
    return {.headers = std::string(headers.view()), .body = body_of(message)};
}

std::expected<Message, CeleryRefusal> read_celery_parts(const CeleryParts& parts, std::string_view queue) {
    Message message;
    message.queue = queue;
    try {
        const auto headers = read_python<Headers>(parts.headers);
        if (!headers) {
            throw Refused("its headers cannot be read");
        }
        read_headers(*headers, message);
        check_type(parts.content_type);
        read_body(parts.body, message);
    } catch (const Refused& refused) {
        return std::unexpected(CeleryRefusal{std::move(message.id), std::move(message.name), refused.words});
    }
    return message;
}

std::string celery_again(std::string_view text, const CeleryAgain& again) {
    auto envelope = read_python<JsonMembers>(text).value_or(JsonMembers());
    auto headers = read_python<JsonMembers>(member(envelope, "headers")).value_or(JsonMembers());
    auto properties = read_python<JsonMembers>(member(envelope, "properties")).value_or(JsonMembers());
    headers["retries"] = json::Raw(integer_text(again.failures));
    headers["eta"] = json::Raw(json::to_string(again.due));
    properties["delivery_tag"] = json::Raw(json::to_string(again.delivery_tag));
    envelope["headers"] = json::Raw(json::to_string(headers));
    envelope["properties"] = json::Raw(json::to_string(properties));
    return json::to_string(envelope);
}

}  // namespace brio::tasks
