#include <brio/load/locust_message.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include <msgpack.h>

#include <brio/base/text.hpp>

namespace brio::load::locust {

namespace {

/// Packs with the shortest form of each value, as Python's msgpack does.
class Packer {
public:
    Packer() { msgpack_packer_init(&packer_, &out_, &append); }
    Packer(const Packer&) = delete;
    Packer& operator=(const Packer&) = delete;

    void array(std::size_t size) { msgpack_pack_array(&packer_, size); }
    void map(std::size_t size) { msgpack_pack_map(&packer_, size); }
    void nothing() { msgpack_pack_nil(&packer_); }
    void value(std::string_view text) {
        const auto good = valid_utf8(text);
        msgpack_pack_str(&packer_, good.size());
        msgpack_pack_str_body(&packer_, good.data(), good.size());
    }
    void value(std::uint64_t number) { msgpack_pack_uint64(&packer_, number); }
    void value(std::int64_t number) { msgpack_pack_int64(&packer_, number); }
    void value(double number) { msgpack_pack_double(&packer_, number); }
    template <typename T>
    void value(const std::optional<T>& some) {
        some ? value(*some) : nothing();
    }
    template <typename Key>
    void value(const std::map<Key, std::uint64_t>& counts) {
        map(counts.size());
        for (const auto& [key, count] : counts) {
            if constexpr (std::is_same_v<Key, std::string>) {
                value(std::string_view(key));
            } else {
                value(key);
            }
            value(count);
        }
    }
    template <typename T>
    void member(std::string_view name, const T& content) {
        value(name);
        value(content);
    }
    std::string take() { return std::move(out_); }

private:
    static int append(void* out, const char* bytes, std::size_t size) {
        static_cast<std::string*>(out)->append(bytes, size);
        return 0;
    }

    std::string out_;
    msgpack_packer packer_;
};

std::string_view words_of(State state) noexcept {
    switch (state) {
        case State::ready: return "ready";
        case State::spawning: return "spawning";
        case State::running: return "running";
    }
    return "ready";
}

void pack(Packer& out, const Entry& entry) {
    out.map(14);
    out.member("name", std::string_view(entry.name));
    out.member("method", std::string_view(entry.method));
    out.member("last_request_timestamp", entry.last_request);
    out.member("start_time", entry.start);
    out.member("num_requests", entry.requests);
    out.member("num_none_requests", entry.without_times);
    out.member("num_failures", entry.failures);
    out.member("total_response_time", entry.total_ms);
    out.member("max_response_time", entry.max_ms);
    out.member("min_response_time", entry.min_ms);
    out.member("total_content_length", entry.bytes);
    out.member("response_times", entry.times_ms);
    out.member("num_reqs_per_sec", entry.requests_at);
    out.member("num_fail_per_sec", entry.failures_at);
}

/// By their keys a master finds those of several workers that are the same.
void pack(Packer& out, const std::vector<Failure>& failures) {
    out.map(failures.size());
    for (const Failure& each : failures) {
        out.value(std::string_view(concat({each.method, ".", each.name, ".", each.text})));
        out.map(4);
        out.member("name", std::string_view(each.name));
        out.member("method", std::string_view(each.method));
        out.member("error", std::string_view(each.text));
        out.member("occurrences", each.count);
    }
}

void pack_users(Packer& out, const UserCounts& users) {
    out.member("user_classes_count", users);
    out.member("user_count", sum_of(users));
}

struct TypeAndData {
    Packer& out;

    void operator()(const Ready&) const {
        out.value(std::string_view("client_ready"));
        out.value(std::int64_t{-1});
    }
    void operator()(const Heartbeat& beat) const {
        out.value(std::string_view("heartbeat"));
        out.map(3);
        out.member("state", words_of(beat.state));
        out.member("current_cpu_usage", beat.cpu_percent);
        out.member("current_memory_usage", beat.memory_bytes);
    }
    void operator()(const Spawning&) const { without_data("spawning"); }
    void operator()(const SpawningComplete& complete) const {
        out.value(std::string_view("spawning_complete"));
        out.map(2);
        pack_users(out, complete.users);
    }
    void operator()(const Stats& stats) const {
        out.value(std::string_view("stats"));
        out.map(5);
        out.value(std::string_view("stats"));
        out.array(stats.entries.size());
        for (const Entry& each : stats.entries) {
            pack(out, each);
        }
        out.value(std::string_view("stats_total"));
        pack(out, stats.total);
        out.value(std::string_view("errors"));
        pack(out, stats.failures);
        pack_users(out, stats.users);
    }
    void operator()(const Exception& exception) const {
        out.value(std::string_view("exception"));
        out.map(2);
        out.member("msg", std::string_view(exception.text));
        out.member("traceback", std::string_view(exception.traceback));
    }
    void operator()(const Stopped&) const { without_data("client_stopped"); }
    void operator()(const Leaving&) const { without_data("quit"); }

    void without_data(std::string_view type) const {
        out.value(type);
        out.nothing();
    }
};

struct Refused {
    std::string words;
};

std::optional<std::string_view> text_of(const msgpack_object& object) {
    if (object.type != MSGPACK_OBJECT_STR) {
        return std::nullopt;
    }
    return std::string_view(object.via.str.ptr, object.via.str.size);
}

std::optional<double> number_of(const msgpack_object& object) {
    switch (object.type) {
        case MSGPACK_OBJECT_POSITIVE_INTEGER: return static_cast<double>(object.via.u64);
        case MSGPACK_OBJECT_NEGATIVE_INTEGER: return static_cast<double>(object.via.i64);
        case MSGPACK_OBJECT_FLOAT32:
        case MSGPACK_OBJECT_FLOAT64:
            return std::isfinite(object.via.f64) ? std::optional(object.via.f64) : std::nullopt;
        default: return std::nullopt;
    }
}

/// None where it is nil, or not there.
const msgpack_object* find(const msgpack_object& data, std::string_view key) {
    if (data.type != MSGPACK_OBJECT_MAP) {
        return nullptr;
    }
    for (std::uint32_t i = 0; i < data.via.map.size; ++i) {
        const auto& [name, value] = data.via.map.ptr[i];
        if (text_of(name) == key) {
            return value.type == MSGPACK_OBJECT_NIL ? nullptr : &value;
        }
    }
    return nullptr;
}

UserCounts read_users(const msgpack_object* object) {
    if (object == nullptr || object->type != MSGPACK_OBJECT_MAP) {
        throw Refused("a spawn does not say how many users of each class");
    }
    if (object->via.map.size > most_classes) {
        throw Refused(concat({"a spawn has more than ", integer_text(most_classes), " user classes"}));
    }
    UserCounts users;
    for (std::uint32_t i = 0; i < object->via.map.size; ++i) {
        const auto& [key, value] = object->via.map.ptr[i];
        const auto name = text_of(key);
        if (!name || value.type != MSGPACK_OBJECT_POSITIVE_INTEGER) {
            throw Refused("a number of users in a spawn is none");
        }
        if (value.via.u64 > most_users) {
            throw Refused(concat({"a spawn asks for more than ", integer_text(most_users), " users"}));
        }
        users[std::string(*name)] = value.via.u64;
    }
    if (sum_of(users) > most_users) {
        throw Refused(concat({"a spawn asks for more than ", integer_text(most_users), " users"}));
    }
    return users;
}

Spawn read_spawn(const msgpack_object& data) {
    Spawn spawn;
    const auto* timestamp = find(data, "timestamp");
    const auto time = timestamp == nullptr ? std::nullopt : number_of(*timestamp);
    if (!time) {
        throw Refused("a spawn has no timestamp");
    }
    spawn.timestamp = *time;
    spawn.users = read_users(find(data, "user_classes_count"));
    if (const auto* host = find(data, "host")) {
        spawn.host = text_of(*host).value_or("");
    }
    if (const auto* timeout = find(data, "stop_timeout")) {
        spawn.stop_timeout_seconds = std::max(0.0, number_of(*timeout).value_or(0));
    }
    return spawn;
}

Order read_order(std::string_view type, const msgpack_object& data) {
    if (type == "ack") {
        const auto* index = find(data, "index");
        const bool is_one = index != nullptr && index->type == MSGPACK_OBJECT_POSITIVE_INTEGER;
        return Ack{is_one ? std::optional(index->via.u64) : std::nullopt};
    }
    if (type == "spawn") {
        return read_spawn(data);
    }
    if (type == "stop") {
        return Stop();
    }
    if (type == "quit") {
        return Quit();
    }
    if (type == "reconnect") {
        return Reconnect();
    }
    return Other{std::string(type.substr(0, 100))};
}

}  // namespace

std::uint64_t sum_of(const UserCounts& counts) noexcept {
    std::uint64_t sum = 0;
    for (const auto& [name, count] : counts) {
        sum += count;
    }
    return sum;
}

std::int64_t rounded_ms(double ms) noexcept {
    const double step = ms < 100 ? 1 : ms < 1'000 ? 10 : ms < 10'000 ? 100 : 1'000;
    return static_cast<std::int64_t>(std::nearbyint(ms / step) * step);  // half to even, as Python's
}

std::string write(std::string_view worker, const Told& told) {
    Packer out;
    out.array(3);
    std::visit(TypeAndData{out}, told);
    out.value(worker);
    return out.take();
}

std::expected<Order, std::string> read(std::string_view frame) {
    if (frame.size() > largest_frame) {
        return std::unexpected(concat({"it has more than ", integer_text(largest_frame), " bytes"}));
    }
    msgpack_unpacked unpacked;
    msgpack_unpacked_init(&unpacked);
    const std::unique_ptr<msgpack_unpacked, decltype(&msgpack_unpacked_destroy)> owner(
        &unpacked, &msgpack_unpacked_destroy);
    std::size_t used = 0;
    const auto result = msgpack_unpack_next(&unpacked, frame.data(), frame.size(), &used);
    if (result != MSGPACK_UNPACK_SUCCESS && result != MSGPACK_UNPACK_EXTRA_BYTES) {
        return std::unexpected("it is no MessagePack");
    }
    const msgpack_object& whole = unpacked.data;
    if (used != frame.size() || whole.type != MSGPACK_OBJECT_ARRAY || whole.via.array.size != 3) {
        return std::unexpected("it is no array of a type, data and a worker");
    }
    const auto type = text_of(whole.via.array.ptr[0]);
    if (!type) {
        return std::unexpected("its type is no text");
    }
    try {
        return read_order(*type, whole.via.array.ptr[1]);
    } catch (Refused& refused) {
        return std::unexpected(std::move(refused.words));
    }
}

}  // namespace brio::load::locust
