// A worker's connection to a Locust master: a ZeroMQ DEALER socket named with the worker's id, which connects
// again by itself when the connection breaks. It says so both times, since a master that was started anew
// does not know its workers.
//
// Frames larger than a master's ever are end the connection. What cannot be sent now, as nobody is connected
// or a thousand frames wait, is dropped: what a worker tells is old soon. A peer that is silent for five
// seconds counts as gone (ZMTP's PING).
//
// One thread, which may block: it is none of a loop's.
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace brio::load::locust {

class Link {
public:
    struct Address {
        std::string host = "127.0.0.1";
        std::uint16_t port = 5557;
    };
    struct Connected {};
    struct Disconnected {};
    struct Frame {
        std::string bytes;
    };
    using Event = std::variant<Connected, Disconnected, Frame>;

    /// Begins to connect. Throws std::runtime_error when ZeroMQ cannot take the address.
    Link(Address address, std::string id);
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;
    /// Waits up to a second for what was sent to leave.
    ~Link();

    /// Whether it will be sent.
    bool send(std::string_view frame);
    /// What has happened, after at most `most`, or a signal; several at a time, in order.
    std::vector<Event> wait(std::chrono::milliseconds most);
    /// Ends the connection and makes another.
    void reopen();

private:
    struct Sockets;

    void open();

    Address address_;
    std::string id_;
    std::unique_ptr<Sockets> sockets_;
};

}  // namespace brio::load::locust
