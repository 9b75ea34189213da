// The raw limit's event loop: one thread, level-triggered epoll, one recv and one send per readable
// connection.
//
// A service turns bytes into answers and knows nothing of sockets:
//   Step step(Connection&, std::string_view input, brio::Buffer& out)   one request at the front of `input`
//   void end_of_turn(Loop&)                                            after all events of one epoll_wait
// A step that parks its connection gets no further input of it until Loop::resume().
// A service with descriptors of its own (a database's) has them watched, and gets
//   void on_ready(Watched&, std::uint32_t events, Loop&)
#pragma once
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <bench/common/listener.hpp>
#include <brio/base/buffer.hpp>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>

namespace bench {

struct Step {
    enum class Outcome { answered, incomplete, parked, refused };
    Outcome outcome;
    std::size_t consumed = 0;
};

/// What an event belongs to: a client's connection or a descriptor of the service.
struct Watched {
    bool of_service = true;
};

struct Connection : Watched {
    explicit Connection(int accepted) : Watched{false}, fd(accepted) {}

    int fd;
    bool parked = false;    // waits for an answer that comes later
    bool finished = false;  // the peer is gone; freed once it is no longer parked
    bool wants_write = false;
    brio::Buffer rest;    // input that no step has consumed
    brio::Buffer unsent;  // answers that the socket did not take
};

template <class Service>
class EpollLoop {
public:
    EpollLoop(std::uint16_t port, Service& service)
        : service_(service),
          epoll_(epoll_create1(EPOLL_CLOEXEC)),
          listener_(listen_on(port)),
          input_(input_size) {
        control(EPOLL_CTL_ADD, listener_, EPOLLIN, &listener_);
    }
    EpollLoop(const EpollLoop&) = delete;
    EpollLoop& operator=(const EpollLoop&) = delete;

    /// Serves until the process is ended by a signal.
    [[noreturn]] void run() {
        epoll_event events[256];
        for (;;) {
            const int count = epoll_wait(epoll_, events, 256, -1);
            for (int i = 0; i < count; ++i) {
                void* const what = events[i].data.ptr;
                if (what == &listener_) {
                    accept_all();
                } else if (auto& watched = *static_cast<Watched*>(what); !watched.of_service) {
                    on_event(static_cast<Connection&>(watched), events[i].events);
                } else if constexpr (requires { service_.on_ready(watched, 0U, *this); }) {
                    service_.on_ready(watched, events[i].events, *this);
                }
            }
            service_.end_of_turn(*this);
        }
    }

    /// `operation` of epoll_ctl(2) for a descriptor of the service.
    void watch(int operation, int fd, std::uint32_t events, Watched& what) {
        control(operation, fd, events, &what);
    }

    /// Sends the answer a parked connection waited for and goes on with the input that came meanwhile.
    void resume(Connection& connection, std::string_view answer) {
        connection.parked = false;
        if (connection.finished) {
            discard(connection);
            return;
        }
        out_.clear();
        out_.append(answer);
        if (!consume(connection, connection.rest.view())) {
            finish(connection);
        }
    }

private:
    static constexpr std::size_t input_size = 64 * 1024;

    void control(int operation, int fd, std::uint32_t events, void* what) {
        epoll_event event{};
        event.events = events;
        event.data.ptr = what;
        if (epoll_ctl(epoll_, operation, fd, &event) != 0) {
            throw std::system_error(errno, std::generic_category(), "epoll_ctl");
        }
    }

    void accept_all() {
        for (int fd = accept_one(listener_); fd >= 0; fd = accept_one(listener_)) {
            watch(EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLET, *new Connection(fd));
        }
    }

    void on_event(Connection& connection, std::uint32_t events) {
        if ((events & EPOLLOUT) != 0) {
            out_.clear();
            flush(connection);
        }
        if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
            read(connection);
        }
    }

    void read(Connection& connection) {
        bool more = true;
        while (more) {
            const ssize_t count = recv(connection.fd, input_.prepare(input_size), input_size, 0);
            if (count < 0 && errno == EAGAIN) {
                return;
            }
            if (count <= 0 || !take(connection, {input_.data(), static_cast<std::size_t>(count)})) {
                finish(connection);
                return;
            }
            more = static_cast<std::size_t>(count) == input_size;
        }
    }

    /// False when the connection is to be closed.
    bool take(Connection& connection, std::string_view came) {
        if (connection.parked) {
            connection.rest.append(came);
            return connection.rest.size() <= input_size;
        }
        out_.clear();
        if (connection.rest.empty()) {
            return consume(connection, came);
        }
        connection.rest.append(came);
        return consume(connection, connection.rest.view());
    }

    bool consume(Connection& connection, std::string_view input) {
        std::size_t used = 0;
        bool refused = false;
        while (used < input.size() && !connection.parked) {
            const Step step = service_.step(connection, input.substr(used), out_);
            used += step.consumed;
            refused = step.outcome == Step::Outcome::refused;
            connection.parked = step.outcome == Step::Outcome::parked;
            if (refused || step.outcome == Step::Outcome::incomplete) {
                break;
            }
        }
        if (input.data() == connection.rest.data()) {
            connection.rest.consume(used);
        } else if (used < input.size()) {
            connection.rest.append(input.substr(used));
        }
        flush(connection);
        return !refused;
    }

    void flush(Connection& connection) {
        if (!connection.unsent.empty()) {
            connection.unsent.append(out_.view());
            const ssize_t sent =
                send(connection.fd, connection.unsent.data(), connection.unsent.size(), MSG_NOSIGNAL);
            connection.unsent.consume(sent > 0 ? static_cast<std::size_t>(sent) : 0);
        } else if (!out_.empty()) {
            const ssize_t sent = send(connection.fd, out_.data(), out_.size(), MSG_NOSIGNAL);
            const std::size_t done = sent > 0 ? static_cast<std::size_t>(sent) : 0;
            if (done < out_.size()) {
                connection.unsent.append(out_.view().substr(done));
            }
        }
        if (connection.wants_write == connection.unsent.empty()) {
            connection.wants_write = !connection.wants_write;
            watch(EPOLL_CTL_MOD, connection.fd,
                  connection.wants_write ? EPOLLIN | EPOLLOUT | EPOLLET : EPOLLIN | EPOLLET, connection);
        }
    }

    void finish(Connection& connection) {
        if (connection.parked) {
            connection.finished = true;
            epoll_ctl(epoll_, EPOLL_CTL_DEL, connection.fd, nullptr);
            return;
        }
        discard(connection);
    }

    void discard(Connection& connection) {
        close(connection.fd);
        delete &connection;
    }

    Service& service_;
    int epoll_;
    int listener_;
    brio::Buffer input_;
    brio::Buffer out_;
};

}  // namespace bench
