// The part of Connection from a stream's producer to bytes: RFC 9112 §7.1.
#include <brio/http/connection.hpp>

#include <brio/http/event.hpp>
#include <brio/http/problem.hpp>

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <charconv>

namespace brio::http {
namespace {

// A connection that is reset tells a client of close-delimited bytes that they are not all.
void reset_on_close(int socket) noexcept {
    linger const at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

StreamEnd end_of(runtime::StopReason reason) noexcept {
    switch (reason) {
        case runtime::StopReason::deadline: return StreamEnd::deadline;
        case runtime::StopReason::disconnected: return StreamEnd::disconnected;
        default: return StreamEnd::drained;
    }
}

void append_piece(Buffer& out, std::string_view piece, bool is_chunked) {
    if (piece.empty() || !is_chunked) {
        out.append(piece);
        return;
    }
    std::array<char, 16> size;
    auto const* end = std::to_chars(size.data(), size.data() + size.size(), piece.size(), 16).ptr;
    out.append({size.data(), static_cast<std::size_t>(end - size.data())});
    out.append("\r\n");
    out.append(piece);
    out.append("\r\n");
}

}  // namespace

std::string_view name_of(StreamEnd end) noexcept {
    constexpr std::array<std::string_view, 6> names{"completed", "disconnected", "slow",
                                                    "drained",   "deadline",     "failed"};
    return names[static_cast<std::size_t>(end)];
}

Streaming::Streaming(Connection& connection, Exchange& exchange, StreamPlan with)
    : plan(std::move(with)),
      channel(exchange.work, connection.limits().stream_buffer, &Connection::lend_to_stream, &connection),
      is_chunked(exchange.head.version_minor() != 0),
      request_id(exchange.request_id()),
      endpoint(exchange.route->pattern),
      begun(connection.loop().now()),
      written_at(begun),
      accepted_at(begun) {}

Buffer Connection::lend_to_stream(void* connection) {
    auto& self = *static_cast<Connection*>(connection);
    self.loop().at_turn_end(self);
    return self.owner_.take_buffer();
}

bool Connection::admit_stream() {
    if (owner_.server_.streams().try_take()) {
        return true;
    }
    server().shed_streams().add(owner_.shard_);
    answer_with(exchange(), ProblemParts{.status = 503,
                                         .code = "too_many_streams",
                                         .detail = "too many streams are open; try again later",
                                         .retry_after = std::chrono::seconds(5)});
    exchange().stream.reset();
    return false;
}

// Writes the head, lets go of the request's bytes and starts the producer.
void Connection::begin_stream() {
    auto& current = exchange();
    keep_alive_ = keep_alive_ && current.head.version_minor() != 0;
    auto const compresses =
        current.response.coding() != Coding::identity && owner_.server_.compressed_streams().try_take();
    if (!compresses) {
        current.response.set_coding(Coding::identity);  // whatever the client refuses: it is a should
    }
    write_answer(false);
    streaming_ = std::make_unique<Streaming>(*this, current, std::move(*current.stream));
    auto& streaming = *streaming_;
    if (compresses) {
        streaming.gzip.emplace();
    }
    auto& of_head = note_answered(0);
    streaming.noted = of_head;
    if (streaming.plan.is_of_events) {  // measured to its head, logged at its end
        of_head.logged = false;
        streaming.noted.metrics = nullptr;
    } else {
        answered_.pop_back();
    }
    consume_request();
    current.forget_request();
    chunk_body_.reset();
    decoded_body_.reset();
    shrink_input();
    state_ = State::streaming;
    current.work.deadline =
        streaming.plan.most_time ? loop().now() + *streaming.plan.most_time : runtime::Nanoseconds::max();
    current.ledger.enter(ledger::Phase::handler);
    streaming.is_starting = true;
    streaming.producer = streaming.plan.produce(streaming.channel);
    streaming.producer.start(
        current.work,
        [](void* context) {
            auto& self = *static_cast<Connection*>(context);
            if (!self.streaming_->is_starting) {
                self.producer_ended();
                self.loop().at_turn_end(self);
            }
        },
        this);
    streaming.is_starting = false;
    if (streaming.producer.has_ended()) {
        producer_ended();
    } else if (draining_ && streaming.plan.is_of_events) {
        stop_work(runtime::StopReason::shutdown);
    }
    set_stream_deadline();
}

// What the producer has made goes into the next write, unless one is under way.
void Connection::take_from_stream() {
    auto& streaming = *streaming_;
    if (out_at_ != 0) {
        return;
    }
    if (out_.capacity() == 0) {
        out_ = owner_.take_buffer();
    }
    if (streaming.channel.size() != 0) {
        auto made = streaming.channel.take();
        append_to_stream(made.view());
        owner_.give_buffer(std::move(made));
    }
    if (streaming.has_ended && !streaming.is_closed) {
        streaming.is_closed = true;
        if (streaming.is_whole && streaming.gzip) {
            append_to_stream({});
        }
        out_.append(streaming.is_chunked && streaming.is_whole ? "0\r\n\r\n" : "");
    }
    streaming.written_at = loop().now();
}

// An empty piece is the end of a compressed body.
void Connection::append_to_stream(std::string_view piece) {
    auto& streaming = *streaming_;
    auto& compressed = owner_.compressing_;
    if (streaming.gzip) {
        ledger::PhaseScope const scope(&exchange().ledger, ledger::Phase::compress);
        compressed.clear();
        piece.empty() ? streaming.gzip->finish(compressed) : streaming.gzip->write(compressed, piece);
        piece = compressed.view();
    }
    streaming.bytes += piece.size();
    append_piece(out_, piece, streaming.is_chunked);
}

// All that was taken is written: there is more, the stream is over (true for both), or its producer may go
// on.
bool Connection::go_on_streaming() {
    auto& streaming = *streaming_;
    if (streaming.channel.size() != 0 || (streaming.has_ended && !streaming.is_closed)) {
        return true;
    }
    if (streaming.has_ended) {
        finish_stream();
        return true;
    }
    if (streaming.channel.has_waiting()) {
        loop().at_turn_end(*this);
    }
    set_stream_deadline();
    return false;
}

void Connection::producer_ended() {
    auto& streaming = *streaming_;
    auto& current = exchange();
    streaming.has_ended = true;
    auto const failed = !ended_well(streaming.producer, streaming.request_id, streaming.endpoint);
    if (!streaming.end) {
        auto const stopped = current.work.stopped;
        streaming.end = stopped != runtime::StopReason::none ? end_of(stopped)
                        : failed                             ? StreamEnd::failed
                                                             : StreamEnd::completed;
    }
    auto const repaired = *streaming.end == StreamEnd::drained || *streaming.end == StreamEnd::deadline;
    streaming.is_whole = *streaming.end == StreamEnd::completed || (streaming.plan.is_of_events && repaired);
    keep_alive_ = keep_alive_ && streaming.is_whole && !draining_;
    current.ledger.enter(ledger::Phase::write);
}

// After the stream's last byte, or when nobody takes it any more.
void Connection::finish_stream() {
    auto& streaming = *streaming_;
    auto& noted = answered_.emplace_back(streaming.noted);
    noted.ledger = exchange().ledger;
    if (*streaming.end == StreamEnd::failed) {
        noted.record.status = 500;
    } else if (!streaming.is_whole && !streaming.plan.is_of_events) {
        noted.record.status = 499;
    }
    noted.entry.status = noted.record.status;
    noted.entry.bytes = streaming.bytes;
    if (server().metrics() != nullptr) {
        server().metrics()->stream_ended(owner_.shard_, {.endpoint = streaming.endpoint,
                                                         .reason = name_of(*streaming.end),
                                                         .time = loop().now() - streaming.begun});
    }
    if (!streaming.is_whole && !streaming.is_chunked) {
        reset_on_close(socket_.fd());
        if (transport_ != nullptr) {
            transport_->break_off();
        }
    }
    close_after_ = close_after_ || !keep_alive_;
    state_ = State::idle;
    if (streaming.gzip) {
        owner_.server_.compressed_streams().give_back();
    }
    streaming_.reset();
    owner_.server_.streams().give_back();
    exchange().reset();
    finish_written(true);
}

// For `end`, once; the producer hears of it and has the last word.
void Connection::end_stream(StreamEnd end, runtime::StopReason reason) {
    if (!streaming_->end) {
        streaming_->end = end;
    }
    stop_work(reason);
}

void Connection::set_stream_deadline() {
    auto& streaming = *streaming_;
    if (end_of_input_ && streaming.plan.is_of_events && streaming.give_up_at == runtime::Nanoseconds::max()) {
        streaming.give_up_at = loop().now() + server().options().half_closed_grace;
    }
    auto due = std::min(exchange().work.deadline, streaming.give_up_at);
    if (streaming.plan.heartbeat) {
        due = std::min(due, streaming.written_at + *streaming.plan.heartbeat);
    }
    set_deadline(due);
}

void Connection::on_stream_timer() {
    auto& streaming = *streaming_;
    auto const now = loop().now();
    if (streaming.has_ended) {  // its last bytes leave at the end of this turn
        return;
    }
    if (now >= streaming.give_up_at) {
        end_stream(StreamEnd::disconnected, runtime::StopReason::disconnected);
    } else if (now >= exchange().work.deadline) {
        end_stream(StreamEnd::deadline, runtime::StopReason::deadline);
    } else if (streaming.plan.heartbeat && now >= streaming.written_at + *streaming.plan.heartbeat) {
        int held = 0;
        ::ioctl(socket_.fd(), SIOCOUTQ, &held);
        if (held == 0 || held < streaming.unaccepted) {
            streaming.accepted_at = now;
        }
        streaming.unaccepted = held;
        if (streaming.plan.when_slow == WhenSlow::drop &&
            now - streaming.accepted_at >= limits().write_stall) {
            leave_slow_client();
            return;
        }
        append_comment(streaming.channel.bytes(), "");
    } else {
        set_stream_deadline();
    }
}

}  // namespace brio::http
