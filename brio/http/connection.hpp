// One client connection: reads requests, has them answered in order, writes the answers.
//
// Input is read when epoll says so, into a buffer that is borrowed from the loop while there is something
// unread; an idle connection holds no buffer. All complete requests of one read are answered before one
// write. A handler that suspends stops the parsing of what follows until it has ended. The descriptor is
// watched edge-triggered, once, for its whole life.
//
// An answer that is a stream (stream.hpp) keeps the connection until it has ended: its producer runs as
// bytes are wanted, and nothing is read meanwhile.
//
// Hostile input: every wait has a deadline (Limits), every buffer a bound. After an error in framing the
// answer says close, the sending side is shut and what still comes is discarded for a while, so that the
// answer arrives (RFC 9112 §9.6).
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <brio/http/access_log.hpp>
#include <brio/http/address.hpp>
#include <brio/http/admission.hpp>
#include <brio/http/chunked.hpp>
#include <brio/http/compressor.hpp>
#include <brio/http/exchange.hpp>
#include <brio/http/memory_link.hpp>
#include <brio/http/parse_head.hpp>
#include <brio/http/problem.hpp>
#include <brio/http/server.hpp>
#include <brio/http/stream_channel.hpp>
#include <brio/http/tls_session.hpp>
#include <brio/http/transport.hpp>
#include <brio/runtime/file.hpp>
#include <brio/runtime/loop.hpp>

namespace brio::ledger {
struct SlowWork;
enum class SlowWhy : std::uint8_t;
struct Span;
}  // namespace brio::ledger

namespace brio::http {

/// A request answered whose last byte is not yet written.
struct Answered {
    Answered() noexcept {}  // not zeroed: `entry` is filled only when it is logged

    ledger::RouteMetrics* metrics;
    ledger::RequestRecord record;
    ledger::Ledger ledger;
    LogEntry entry;
    bool logged;
    std::shared_ptr<ledger::SlowWork> slow;  // what the black box gets; null: nothing so far
    std::shared_ptr<ledger::Span> span;      // what collectors of traces get; null: nothing so far
    bool slow_had_no_room = false;           // and was counted as dropped
    bool span_had_no_room = false;           // the same
    std::uint64_t span_id = 0;               // of its own, in record.trace; 0: it has no trace
    std::uint64_t parent_id = 0;             // of who asked; 0: nobody's
};

/// Why a stream ended.
enum class StreamEnd : std::uint8_t { completed, disconnected, slow, drained, deadline, failed };
std::string_view name_of(StreamEnd end) noexcept;

/// An answer that is a stream, from its head to its last byte.
struct Streaming {
    Streaming(Connection& connection, Exchange& exchange, StreamPlan with);
    Streaming(const Streaming&) = delete;
    Streaming& operator=(const Streaming&) = delete;

    StreamPlan plan;
    StreamChannel channel;
    Async<void> producer;
    bool is_starting = false;
    bool has_ended = false;  // the producer
    bool is_chunked = true;
    bool is_whole = false;   // its end says so to the client
    bool is_closed = false;  // that has been written
    std::optional<StreamEnd> end;
    Answered noted;
    std::string request_id;
    std::string_view endpoint;
    std::optional<GzipStream> gzip;
    std::uint64_t bytes = 0;  // of the body, as sent
    runtime::Nanoseconds begun{};
    runtime::Nanoseconds written_at{};   // the last bytes, or heartbeat
    runtime::Nanoseconds accepted_at{};  // when the client was last seen to take some
    runtime::Nanoseconds give_up_at = runtime::Nanoseconds::max();  // after the client's FIN
    int unaccepted = 0;
};

class Connection : private runtime::Watch, private runtime::Timer, private runtime::TurnHook {
public:
    /// `session`: over TLS, its hands shaken.
    Connection(ServerLoop& owner, runtime::File socket, std::unique_ptr<TlsSession> session = nullptr);
    Connection(ServerLoop& owner, MemoryLink& link);
    ~Connection();

    /// Answers from now on say close; an idle connection ends after the server's drain_idle.
    void drain();
    /// Stops the work under way.
    void stop_work(runtime::StopReason reason);

    /// Of the server that a request came to; none without one.
    static const std::vector<Network>& trusted_proxies(const Exchange& exchange) noexcept;

private:
    friend class BackgroundCall;
    friend class MemoryLink;
    friend class ServerLoop;
    friend struct Streaming;
    friend bool call_in_background(const Exchange& like, void (*call)(Exchange&));
    friend void admit(Exchange& exchange);
    friend void http::count_rate_limited(const Exchange& exchange);
    friend std::optional<Address> peer_address(const Exchange& exchange);
    enum class State : std::uint8_t { idle, head, body, calling, streaming, lingering, closed };

    // connection.cpp: bytes in, bytes out, time
    void on_ready(std::uint32_t events);
    void on_timer();
    void advance();
    bool fill();
    std::ptrdiff_t receive(char* to, std::size_t room) noexcept;
    bool flush();
    std::ptrdiff_t transmit(std::string_view first, std::string_view second);
    void finish_written(bool whole);
    void set_deadline(runtime::Nanoseconds due);
    void set_body_deadline();
    runtime::Nanoseconds stall_deadline() const;
    void wait_for_input();
    void release_input();
    void shrink_input();
    std::string_view unread() const noexcept { return {in_.data() + in_at_, in_.size() - in_at_}; }

    // connection_end.cpp: how it ends
    void leave_slow_client();
    void start_lingering();
    void linger();
    void close() noexcept;

    // dispatch.cpp: from a head to a call
    bool step();
    bool read_head();
    bool accept_head();
    bool read_body();
    bool read_chunks();
    void call();
    void wait_for_call(void (*ended)(Exchange&));
    void end_waiting();
    void end_call();
    bool take_body(std::string_view body);
    bool refuse_coding();
    void refuse(const Rejection& rejection);
    void refuse(const ProblemParts& problem);
    void answer_without_route();
    runtime::Nanoseconds call_deadline() const;

    // admission.cpp: whether it is let in
    bool is_shed();
    void shed();
    void count_shed(const Gate& gate);
    void count_rate_limited();
    void enter_gate();
    void leave_gate();

    // answer.cpp: from a Response to bytes
    void answer();
    void finish_answer(bool is_stream);
    void explain();
    void write_answer(bool with_body);
    void consume_request();
    bool is_not_modified() const;
    Answered& note_answered(std::uint64_t body_bytes);

    // slow_request.cpp: what is kept of a request that was too slow
    std::optional<ledger::SlowWhy> why_of_note(const Answered& noted) const;
    void draft_slow(Answered& noted);
    void keep_slow(Answered& noted);

    // request_span.cpp: what collectors of traces get
    void draft_span(Answered& noted);
    void keep_span(Answered& noted);

    // compress_answer.cpp: in which coding, and the body in it
    void choose_coding();
    bool compress_body();
    bool compress_elsewhere();
    void end_compressing();
    bool may_be_uncoded();
    void take_compressed(Buffer& compressed);

    // streaming.cpp: from a producer to bytes
    static Buffer lend_to_stream(void* connection);
    bool admit_stream();
    void begin_stream();
    void take_from_stream();
    void append_to_stream(std::string_view piece);
    bool go_on_streaming();
    void producer_ended();
    void finish_stream();
    void end_stream(StreamEnd end, runtime::StopReason reason);
    void set_stream_deadline();
    void on_stream_timer();
    bool is_producing() const noexcept { return state_ == State::streaming && !streaming_->has_ended; }

    std::optional<Address> peer();
    Exchange& exchange();
    const Server& server() const noexcept { return owner_.server_; }
    const Limits& limits() const noexcept { return owner_.server_.options().limits; }
    runtime::Loop& loop() const noexcept { return owner_.loop_; }

    ServerLoop& owner_;
    runtime::File socket_;
    std::unique_ptr<TlsSession> session_;
    Transport* transport_ = nullptr;  // instead of the plain socket: the session, or a MemoryLink
    Connection* next_ = nullptr;
    Connection* previous_ = nullptr;
    State state_ = State::idle;
    bool readable_ = true;  // the kernel may have more for us
    bool end_of_input_ = false;
    bool blocked_ = false;      // the kernel takes no more from us for now
    bool close_after_ = false;  // close when what is answered is written
    bool gone_ = false;         // the socket is dead, a handler still runs
    bool draining_ = false;
    bool advancing_ = false;
    bool suspended_ = false;  // the call under way has been counted in flight
    bool has_peer_ = false;   // looked for
    std::optional<Address> peer_;
    bool keep_alive_ = true;      // of the request under way
    bool body_is_coded_ = false;  // its body comes in gzip
    std::uint32_t answered_in_turn_ = 0;
    std::uint64_t requests_ = 0;

    Buffer in_;
    std::size_t in_at_ = 0;  // where the request under way begins
    std::size_t seen_ = 0;   // of its head, by the parser before
    std::size_t head_size_ = 0;
    std::size_t request_size_ = 0;  // its head and body as they came
    std::uint16_t allowed_ = 0;     // methods of its path
    const Route* route_of_path_ = nullptr;
    std::optional<ChunkedDecoder> chunks_;
    Buffer chunk_body_;
    Buffer decoded_body_;
    std::unique_ptr<Exchange> exchange_;
    std::unique_ptr<Streaming> streaming_;  // goes before the exchange that its producer uses

    Buffer out_;
    std::size_t out_at_ = 0;
    std::string_view static_tail_;  // sent after out_
    std::shared_ptr<const KeptBody> tail_owner_;
    Buffer tail_body_;    // the same, where the answer's own body is sent from its place
    int unaccepted_ = 0;  // bytes that the client had not taken when a blocked write was last judged
    std::vector<Answered> answered_;

    runtime::Nanoseconds deadline_ = runtime::Nanoseconds::max();
    runtime::Nanoseconds body_since_{};
    std::size_t body_received_ = 0;
    std::uint64_t lingered_ = 0;
};

}  // namespace brio::http
