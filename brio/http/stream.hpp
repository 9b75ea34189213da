// Answers whose end is not known when they begin: server-sent events, and bodies made piece by piece.
//
//     Async<void> follow(http::EventWriter events, Feed* feed, std::uint64_t seen) {
//         for (;;) {
//             auto const news = co_await feed->after(seen);
//             seen = news.number;
//             co_await events.send({.event = "news", .id = integer_text(seen)}, news);
//         }
//     }
//     http::EventStream news(http::LastEventId last, Feed* feed) {
//         return http::EventStream(follow, feed, last.number().value_or(0));
//     }
//
// The producer is a coroutine function; it starts once the head is made, with a writer and the arguments, by
// value. It runs on the connection's loop and belongs to the connection: it is stopped, and its co_await ends
// with Cancelled, when the client goes, when the stream's time is over or when the server drains. When it
// returns, the answer is whole. When it throws, the log says why and the client sees the answer break off.
//
// Framing: chunked on HTTP/1.1; on HTTP/1.0 the end of the connection is the end of the body. Requests behind
// a stream wait for its end. Under compress() a Stream of a content_type that gets smaller comes in gzip,
// each piece flushed as it is handed over; event streams never do. The route's deadline is for the handler,
// not for the stream. Streams are not counted in flight but against Limits::streams (more: 503). An event
// stream's duration is measured to its head, that of a Stream to its last byte; http_stream_seconds has the
// whole of both.
#pragma once
#include <charconv>
#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <brio/http/event.hpp>
#include <brio/http/exchange.hpp>
#include <brio/http/operation.hpp>
#include <brio/http/parameters.hpp>
#include <brio/http/render.hpp>
#include <brio/http/stream_channel.hpp>
#include <brio/http/stream_plan.hpp>

namespace brio::http {

/// What a Stream's producer writes to.
class StreamWriter {
public:
    using Room = StreamChannel::Room;
    explicit StreamWriter(StreamChannel& channel) noexcept : channel_(&channel) {}

    /// Copies `bytes`; `co_await` it: it waits while the client is behind.
    [[nodiscard("awaiting it is what bounds the memory")]] Room write(std::string_view bytes) {
        channel_->bytes().append(bytes);
        return channel_->room();
    }
    /// For encoders: append to it, then `co_await room()`. Not kept across a co_await.
    Buffer& buffer() { return channel_->bytes(); }
    [[nodiscard]] Room room() noexcept { return channel_->room(); }

private:
    StreamChannel* channel_;
};

/// What an EventStream's producer writes to.
class EventWriter {
public:
    using Room = StreamChannel::Room;
    explicit EventWriter(StreamChannel& channel) noexcept : channel_(&channel) {}

    /// Copies the event; `co_await` it: it waits while the client is behind.
    [[nodiscard("awaiting it is what bounds the memory")]] Room send(const Event& event) {
        append_event(channel_->bytes(), event);
        return channel_->room();
    }
    /// With `value` as JSON in place of the event's data.
    template <class T>
    [[nodiscard("awaiting it is what bounds the memory")]] Room send(const Event& event, const T& value) {
        auto& out = channel_->bytes();
        append_event_fields(out, event);
        out.append("data: ");
        json::write(out, value);  // has no line ends
        out.append("\n\n");
        return channel_->room();
    }
    [[nodiscard]] Room comment(std::string_view text) {
        append_comment(channel_->bytes(), text);
        return channel_->room();
    }
    /// Whether earlier events still wait for the client: a producer of what is soon stale may skip one.
    bool is_behind() const noexcept { return channel_->size() != 0; }

private:
    StreamChannel* channel_;
};

namespace detail {

template <class P>
concept Outlives = !std::is_reference_v<P> && !std::same_as<P, Request> && !std::same_as<P, std::string_view>;

/// The producer with its arguments, to be called once.
template <class Writer, class... P>
auto bound(Async<void> (*produce)(Writer, P...), P... arguments) {
    static_assert((Outlives<P> && ...),
                  "a producer runs after the request is gone: it takes its parameters by value, and neither "
                  "Request nor a string_view");
    return [produce, ... kept = std::move(arguments)](StreamChannel& channel) mutable {
        return produce(Writer(channel), std::move(kept)...);
    };
}

void describe_stream(OperationSchema& operation, std::string_view type, std::string_view description);
/// Makes the exchange's answer the stream of `plan`.
void begin_stream(Exchange& exchange, StreamPlan plan);

}  // namespace detail

struct EventStreamOptions {
    std::chrono::milliseconds heartbeat{15'000};  // a comment after so long without an event
    WhenSlow when_slow = WhenSlow::drop;
    std::optional<std::chrono::milliseconds> retry = {};     // told first; else the client's own, mostly 3 s
    std::optional<std::chrono::nanoseconds> most_time = {};  // then it is ended and the client comes again
};

/// Server-sent events (WHATWG HTML): text/event-stream, kept by nobody, compressed by nobody.
class EventStream {
public:
    template <class... P>
    explicit EventStream(Async<void> (*produce)(EventWriter, P...), std::type_identity_t<P>... arguments)
        : EventStream(EventStreamOptions{}, produce, std::move(arguments)...) {}
    template <class... P>
    EventStream(EventStreamOptions options, Async<void> (*produce)(EventWriter, P...),
                std::type_identity_t<P>... arguments)
        : options_(options),
          produce_(detail::bound<EventWriter, P...>(produce, std::move(arguments)...)) {}

private:
    friend struct Render<EventStream>;
    EventStreamOptions options_;
    std::move_only_function<Async<void>(StreamChannel&)> produce_;
};

struct StreamOptions {
    std::string content_type = "application/octet-stream";
    std::string disposition = {};  // Content-Disposition, as `attachment; filename="rows.csv"`
    WhenSlow when_slow = WhenSlow::drop;
    std::optional<std::chrono::nanoseconds> most_time = {};  // then it breaks off
};

/// A body of any size in memory of bounded size.
class Stream {
public:
    template <class... P>
    Stream(StreamOptions options, Async<void> (*produce)(StreamWriter, P...),
           std::type_identity_t<P>... arguments)
        : options_(std::move(options)),
          produce_(detail::bound<StreamWriter, P...>(produce, std::move(arguments)...)) {}

private:
    friend struct Render<Stream>;
    StreamOptions options_;
    std::move_only_function<Async<void>(StreamChannel&)> produce_;
};

/// The id of the last event that a client got which now comes again; empty on its first visit.
struct LastEventId {
    std::string value;

    /// As the number that it is, where ids are numbers.
    std::optional<std::uint64_t> number() const noexcept {
        std::uint64_t parsed = 0;
        auto const* end = value.data() + value.size();
        auto const [at, failed] = std::from_chars(value.data(), end, parsed);
        return failed == std::errc() && at == end ? std::optional(parsed) : std::nullopt;
    }
};

template <>
struct Render<EventStream> {
    static void to(Exchange& exchange, EventStream stream);
    static void describe(OperationSchema& operation) {
        detail::describe_stream(operation, "text/event-stream", "Server-sent events");
    }
};

template <>
struct Render<Stream> {
    static void to(Exchange& exchange, Stream stream);
    static void describe(OperationSchema& operation) {
        detail::describe_stream(operation, "*/*", "A body made piece by piece");
    }
};

template <>
struct Provide<LastEventId> {
    static std::optional<LastEventId> from(Exchange& exchange);
    static void describe(OperationSchema& operation) {
        detail::describe_value<std::optional<std::string>>(operation, In::header, "Last-Event-ID", false);
    }
};

}  // namespace brio::http
