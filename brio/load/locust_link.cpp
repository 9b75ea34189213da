#include <brio/load/locust_link.hpp>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include <zmq.h>

#include <brio/base/text.hpp>
#include <brio/load/locust_message.hpp>

namespace brio::load::locust {

namespace {

constexpr int most_waiting = 1'000;  // frames in each direction
constexpr int ping_every_ms = 1'000;
constexpr int silence_ms = 5'000;
constexpr int linger_ms = 1'000;
constexpr int reconnect_ms = 100;
constexpr int reconnect_most_ms = 1'000;
constexpr std::size_t most_at_once = 100;  // events of one wait
constexpr const char* monitor_place = "inproc://monitor";

struct Close {
    void operator()(void* socket) const noexcept { zmq_close(socket); }
};
struct Terminate {
    void operator()(void* context) const noexcept { zmq_ctx_term(context); }
};
using Socket = std::unique_ptr<void, Close>;

[[noreturn]] void fail(std::string_view what) {
    throw std::runtime_error(concat({what, ": ", zmq_strerror(zmq_errno())}));
}

void set(const Socket& socket, int option, int value) {
    if (zmq_setsockopt(socket.get(), option, &value, sizeof(value)) != 0) {
        fail("ZeroMQ refuses an option");
    }
}

class Part {
public:
    Part() noexcept { zmq_msg_init(&message_); }
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;
    ~Part() { zmq_msg_close(&message_); }

    bool receive(const Socket& socket) noexcept {
        return zmq_msg_recv(&message_, socket.get(), ZMQ_DONTWAIT) >= 0;
    }
    std::string_view view() noexcept {
        return {static_cast<const char*>(zmq_msg_data(&message_)), zmq_msg_size(&message_)};
    }
    bool has_more() const noexcept { return zmq_msg_more(&message_) != 0; }

private:
    zmq_msg_t message_;
};

/// All parts of the next message that waits, if one does.
std::vector<std::string> next_message(const Socket& socket) {
    std::vector<std::string> parts;
    Part part;
    while (part.receive(socket)) {
        parts.emplace_back(part.view());
        if (!part.has_more()) {
            break;
        }
    }
    return parts;
}

std::uint16_t kind_of(const std::vector<std::string>& monitored) noexcept {
    std::uint16_t kind = 0;
    if (monitored.front().size() >= sizeof(kind)) {
        std::memcpy(&kind, monitored.front().data(), sizeof(kind));
    }
    return kind;
}

}  // namespace

struct Link::Sockets {
    std::unique_ptr<void, Terminate> context{zmq_ctx_new()};
    Socket monitor;
    Socket master;
};

Link::Link(Address address, std::string id) : address_(std::move(address)), id_(std::move(id)) { open(); }

Link::~Link() = default;

void Link::open() {
    auto made = std::make_unique<Sockets>();
    if (!made->context) {
        fail("ZeroMQ cannot begin");
    }
    made->master.reset(zmq_socket(made->context.get(), ZMQ_DEALER));
    made->monitor.reset(zmq_socket(made->context.get(), ZMQ_PAIR));
    if (!made->master || !made->monitor) {
        fail("ZeroMQ cannot make a socket");
    }
    const Socket& master = made->master;
    if (zmq_setsockopt(master.get(), ZMQ_ROUTING_ID, id_.data(), id_.size()) != 0) {
        fail("ZeroMQ refuses the worker's id");
    }
    set(master, ZMQ_IMMEDIATE, 1);
    set(master, ZMQ_LINGER, linger_ms);
    set(master, ZMQ_SNDHWM, most_waiting);
    set(master, ZMQ_RCVHWM, most_waiting);
    set(master, ZMQ_TCP_KEEPALIVE, 1);
    set(master, ZMQ_HEARTBEAT_IVL, ping_every_ms);
    set(master, ZMQ_HEARTBEAT_TIMEOUT, silence_ms);
    set(master, ZMQ_RECONNECT_IVL, reconnect_ms);
    set(master, ZMQ_RECONNECT_IVL_MAX, reconnect_most_ms);
    const std::int64_t most = largest_frame;
    if (zmq_setsockopt(master.get(), ZMQ_MAXMSGSIZE, &most, sizeof(most)) != 0) {
        fail("ZeroMQ refuses a limit");
    }
    set(made->monitor, ZMQ_LINGER, 0);
    if (zmq_socket_monitor(master.get(), monitor_place,
                           ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED) != 0 ||
        zmq_connect(made->monitor.get(), monitor_place) != 0) {
        fail("ZeroMQ does not tell of connections");
    }
    const auto place = concat({"tcp://", address_.host, ":", integer_text(address_.port)});
    if (zmq_connect(master.get(), place.c_str()) != 0) {
        fail(concat({"cannot connect to ", place}));
    }
    sockets_ = std::move(made);
}

bool Link::send(std::string_view frame) {
    return zmq_send(sockets_->master.get(), frame.data(), frame.size(), ZMQ_DONTWAIT) >= 0;
}

std::vector<Link::Event> Link::wait(std::chrono::milliseconds most) {
    std::array<zmq_pollitem_t, 2> items{{
        {.socket = sockets_->monitor.get(), .fd = -1, .events = ZMQ_POLLIN, .revents = 0},
        {.socket = sockets_->master.get(), .fd = -1, .events = ZMQ_POLLIN, .revents = 0},
    }};
    if (zmq_poll(items.data(), items.size(), most.count()) < 0 && zmq_errno() != EINTR) {
        fail("ZeroMQ cannot wait");
    }
    std::vector<Event> events;
    while (events.size() < most_at_once) {
        const auto monitored = next_message(sockets_->monitor);
        if (monitored.empty()) {
            break;
        }
        switch (kind_of(monitored)) {
            case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: events.emplace_back(Connected()); break;
            case ZMQ_EVENT_DISCONNECTED: events.emplace_back(Disconnected()); break;
            default: break;
        }
    }
    while (events.size() < most_at_once) {
        auto parts = next_message(sockets_->master);
        if (parts.empty()) {
            break;
        }
        events.emplace_back(Frame{std::move(parts.back())});
    }
    return events;
}

void Link::reopen() {
    sockets_.reset();
    open();
}

}  // namespace brio::load::locust
