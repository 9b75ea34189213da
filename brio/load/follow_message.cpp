#include <brio/load/follow_message.hpp>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include <brio/base/text.hpp>
#include <brio/json/read.hpp>
#include <brio/json/write.hpp>
#include <brio/load/follow_record.hpp>
#include <brio/reflect/bytes.hpp>

namespace brio::load::follow {
namespace {

using std::chrono::nanoseconds;

constexpr std::size_t length_bytes = 4;
constexpr json::ReadLimits limits{.bytes = most_frame, .depth = 16, .elements = most_frame / 4};

struct StageText {
    std::int64_t duration_ns = 0;
    double from = 0;
    double to = 0;
};
struct FieldText {
    Bytes name;
    Bytes value;
};
struct RequestText {
    std::string method;
    std::string content_type;
    Bytes body;
    std::vector<FieldText> headers;
    std::vector<int> expect;
};
struct BeginText {
    std::string target;
    std::string scenario;
    int model = 0;
    std::vector<StageText> stages;
    std::int64_t warm_up_ns = 0;
    std::uint64_t connections = 0;
    std::uint64_t users = 0;
    std::uint64_t threads = 0;
    std::int64_t timeout_ns = 0;
    std::int64_t patience_ns = 0;
    std::uint64_t seed = 0;
    std::uint64_t share_number = 0;
    std::uint64_t share_of = 1;
    std::optional<RequestText> request;
    std::int64_t wait_least_ns = 0;
    std::int64_t wait_most_ns = 0;
};
struct CountedText {
    std::int64_t at_ns = 0;
    std::uint64_t users = 0;
    RecordText record;
};
struct EndedText {
    std::int64_t counted_ns = 0;
    double generator_cores = 0;
    double busiest_thread = 0;
    std::optional<double> server_cores;
    std::uint64_t most_users = 0;
    bool was_interrupted = false;
    RecordText record;
};
/// One of them is there.
struct MessageText {
    std::optional<Hello> hello;
    std::optional<Refuse> refuse;
    std::optional<BeginText> begin;
    std::optional<CountedText> counted;
    std::optional<EndedText> ended;
    std::optional<Failed> failed;
    std::optional<bool> stop;
    std::optional<bool> go_on;
};

RequestText text_of(const Request& request) {
    RequestText text{.method = request.method,
                     .content_type = request.content_type,
                     .body = Bytes(std::string(request.body.view())),
                     .expect = request.options.expect};
    for (const auto& [name, value] : request.options.headers) {
        text.headers.push_back({Bytes(name), Bytes(value)});
    }
    return text;
}

BeginText begin_text(const Begin& begin) {
    const Plan& plan = begin.plan;
    BeginText text{.target = plan.target,
                   .scenario = plan.scenario,
                   .model = static_cast<int>(plan.model),
                   .warm_up_ns = plan.warm_up.count(),
                   .connections = plan.connections,
                   .users = plan.users,
                   .threads = plan.threads,
                   .timeout_ns = plan.timeout.count(),
                   .patience_ns = plan.patience.count(),
                   .seed = plan.seed,
                   .share_number = begin.share.number,
                   .share_of = begin.share.of,
                   .wait_least_ns = begin.wait.least().count(),
                   .wait_most_ns = begin.wait.longest().count()};
    for (const Stage& stage : plan.stages) {
        text.stages.push_back({stage.duration.count(), stage.from, stage.to});
    }
    if (begin.request) {
        text.request = text_of(*begin.request);
    }
    return text;
}

MessageText text_of(const Hello& hello) { return {.hello = hello}; }
MessageText text_of(const Begin& begin) { return {.begin = begin_text(begin)}; }
MessageText text_of(const Refuse& refuse) { return {.refuse = refuse}; }
MessageText text_of(const Failed& failed) { return {.failed = failed}; }
MessageText text_of(const Stop&) { return {.stop = true}; }
MessageText text_of(const GoOn&) { return {.go_on = true}; }
MessageText text_of(const Counted& counted) {
    return {.counted = CountedText{.at_ns = counted.at.count(),
                                   .users = counted.users,
                                   .record = follow::text_of(counted.record)}};
}
MessageText text_of(const Ended& ended) {
    return {.ended = EndedText{.counted_ns = ended.counted.count(),
                               .generator_cores = ended.cpu.generator,
                               .busiest_thread = ended.cpu.busiest_thread,
                               .server_cores = ended.cpu.server,
                               .most_users = ended.most_users,
                               .was_interrupted = ended.was_interrupted,
                               .record = follow::text_of(ended.record)}};
}

// Of a stranger's figures: none from which sums leave their range.
bool is_time(std::int64_t ns) noexcept {
    constexpr std::int64_t most = 1'000'000'000LL * 3600 * 24 * 366;
    return ns >= -most && ns <= most;
}

bool are_cores(std::initializer_list<double> cores) noexcept {
    return std::ranges::all_of(cores, [](double each) { return each >= 0 && each <= 1e6; });
}

std::optional<Plan> plan_of(const BeginText& text) {
    bool right = text.model >= 0 && text.model <= static_cast<int>(Model::poisson) &&
                 text.stages.size() <= 10'000 && is_time(text.warm_up_ns) && text.warm_up_ns >= 0 &&
                 is_time(text.timeout_ns) && is_time(text.patience_ns) && text.patience_ns >= 0 &&
                 text.threads <= 256 && text.connections <= 1'000'000 && text.users <= 1'000'000;
    Plan plan{.target = text.target,
              .scenario = text.scenario,
              .model = static_cast<Model>(text.model),
              .stages = {},
              .warm_up = nanoseconds(text.warm_up_ns),
              .connections = text.connections,
              .users = text.users,
              .threads = text.threads,
              .timeout = nanoseconds(text.timeout_ns),
              .patience = nanoseconds(text.patience_ns),
              .seed = text.seed};
    for (const StageText& stage : text.stages) {
        right =
            right && is_time(stage.duration_ns) && stage.duration_ns >= 0 && stage.from >= 0 && stage.to >= 0;
        plan.stages.push_back({nanoseconds(stage.duration_ns), stage.from, stage.to});
    }
    return right && fault_of(plan).empty() ? std::optional(std::move(plan)) : std::nullopt;
}

std::optional<Message> message_of(BeginText& text) {
    auto plan = plan_of(text);
    if (!plan || text.share_of == 0 || text.share_of > 1000 || text.share_number >= text.share_of ||
        !is_time(text.wait_least_ns) || !is_time(text.wait_most_ns) || text.wait_least_ns < 0) {
        return std::nullopt;
    }
    Begin begin{.plan = std::move(*plan),
                .share = {.number = text.share_number, .of = text.share_of},
                .request = {},
                .wait = between(nanoseconds(text.wait_least_ns), nanoseconds(text.wait_most_ns))};
    if (text.request) {
        auto& request = begin.request.emplace();
        request.method = text.request->method;
        request.content_type = text.request->content_type;
        request.body.append(text.request->body.value);
        request.options.expect = text.request->expect;
        for (FieldText& field : text.request->headers) {
            request.options.headers.emplace_back(std::move(field.name.value), std::move(field.value.value));
        }
    }
    return begin;
}

std::optional<Message> message_of(const CountedText& text) {
    auto record = record_of(text.record);
    if (!record || !is_time(text.at_ns) || text.users > 1'000'000) {
        return std::nullopt;
    }
    return Counted{.at = nanoseconds(text.at_ns), .users = text.users, .record = std::move(*record)};
}

std::optional<Message> message_of(const EndedText& text) {
    auto record = record_of(text.record);
    if (!record || !is_time(text.counted_ns) || text.counted_ns < 0 || text.most_users > 1'000'000 ||
        !are_cores({text.generator_cores, text.busiest_thread, text.server_cores.value_or(0)})) {
        return std::nullopt;
    }
    return Ended{.counted = nanoseconds(text.counted_ns),
                 .cpu = {.generator = text.generator_cores,
                         .busiest_thread = text.busiest_thread,
                         .server = text.server_cores},
                 .most_users = text.most_users,
                 .was_interrupted = text.was_interrupted,
                 .record = std::move(*record)};
}

std::optional<Message> message_of(MessageText& text) {
    if (text.hello) {
        return std::move(*text.hello);
    }
    if (text.refuse) {
        return std::move(*text.refuse);
    }
    if (text.begin) {
        return message_of(*text.begin);
    }
    if (text.counted) {
        return message_of(*text.counted);
    }
    if (text.ended) {
        return message_of(*text.ended);
    }
    if (text.failed) {
        return std::move(*text.failed);
    }
    if (text.stop) {
        return Stop();
    }
    return text.go_on ? std::optional<Message>(GoOn()) : std::nullopt;
}

}  // namespace

std::string frame_of(const Message& message) {
    const std::string body =
        json::to_string(std::visit([](const auto& each) { return text_of(each); }, message));
    std::string frame;
    frame.reserve(length_bytes + body.size());
    for (int shift = 24; shift >= 0; shift -= 8) {
        frame.push_back(static_cast<char>((body.size() >> shift) & 0xff));
    }
    return frame + body;
}

std::expected<std::optional<Message>, std::string> FrameReader::next() {
    if (bytes_.size() < length_bytes) {
        return std::nullopt;
    }
    std::size_t length = 0;
    for (std::size_t i = 0; i < length_bytes; ++i) {
        length = length << 8 | static_cast<unsigned char>(bytes_[i]);
    }
    if (length > most_) {
        return std::unexpected(concat({"sent a frame of ", integer_text(length), " bytes, of which ",
                                       integer_text(most_), " are the most"}));
    }
    if (bytes_.size() < length_bytes + length) {
        return std::nullopt;
    }
    auto text = json::read<MessageText>(std::string_view(bytes_).substr(length_bytes, length), limits);
    if (!text) {
        return std::unexpected(
            concat({"sent what this version does not understand: ", json::describe(text.error())}));
    }
    auto message = message_of(*text);
    if (!message) {
        return std::unexpected("sent figures that cannot be");
    }
    bytes_.erase(0, length_bytes + length);
    return message;
}

}  // namespace brio::load::follow
