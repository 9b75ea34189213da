#include <brio/http/stream.hpp>

#include <brio/reflect/utf8.hpp>

namespace brio::http {
namespace detail {

void describe_stream(OperationSchema& operation, std::string_view type, std::string_view description) {
    operation.answer({.status = 200,
                      .description = std::string(description),
                      .schema = R"({"type":"string"})",
                      .content_type = std::string(type)});
}

void begin_stream(Exchange& exchange, StreamPlan plan) {
    exchange.response.status = 200;
    exchange.stream = std::make_unique<StreamPlan>(std::move(plan));
}

}  // namespace detail

void Render<EventStream>::to(Exchange& exchange, EventStream stream) {
    auto& options = stream.options_;
    exchange.response.content_type = "text/event-stream";
    exchange.response.cache_control("no-store");
    exchange.response.header("X-Accel-Buffering", "no");  // nginx would hold events back
    if (options.retry) {
        stream.produce_ = [retry = *options.retry,
                           produce = std::move(stream.produce_)](StreamChannel& channel) mutable {
            auto& out = channel.bytes();
            append_event_fields(out, {.retry = retry});
            out.push_back('\n');
            return produce(channel);
        };
    }
    detail::begin_stream(exchange, {.produce = std::move(stream.produce_),
                                    .when_slow = options.when_slow,
                                    .most_time = options.most_time,
                                    .heartbeat = options.heartbeat,
                                    .is_of_events = true});
}

void Render<Stream>::to(Exchange& exchange, Stream stream) {
    auto& options = stream.options_;
    exchange.response.set_content_type(options.content_type);
    if (!options.disposition.empty()) {
        exchange.response.header("Content-Disposition", options.disposition);
    }
    exchange.response.cache_control("no-store");
    detail::begin_stream(exchange, {.produce = std::move(stream.produce_),
                                    .when_slow = options.when_slow,
                                    .most_time = options.most_time,
                                    .heartbeat = {}});
}

std::optional<LastEventId> Provide<LastEventId>::from(Exchange& exchange) {
    auto const given = exchange.head.find(Known::last_event_id);
    if (given && !reflect::is_utf8(*given)) {
        exchange.errors.add(In::header, "Last-Event-ID", "is no UTF-8");
        return std::nullopt;
    }
    return LastEventId{given ? std::string(*given) : std::string()};
}

}  // namespace brio::http
