// Test-only: a server on a thread of its own that answers as a test tells it, for load that runs against real
// sockets.
#pragma once
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <brio/base/clock.hpp>
#include <brio/runtime/file.hpp>
#include <brio/runtime/socket.hpp>

namespace brio::load {

/// One thread, many connections, HTTP/1.1 of whole requests that come in one piece.
class AnsweringPeer {
public:
    using Time = std::chrono::nanoseconds;
    struct Reply {
        std::string bytes;  // all of them; empty: the connection is closed instead
        Time after{};
        bool closes = false;  // behind the bytes
    };
    /// Gets a request's bytes and the number of requests that came before it.
    using Answer = std::function<Reply(std::string_view request, std::uint64_t number)>;

    explicit AnsweringPeer(Answer answer)
        : answer_(std::move(answer)),
          listener_(runtime::listen_on({"127.0.0.1", 0})) {
        thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
    }
    ~AnsweringPeer() {
        thread_.request_stop();
        thread_.join();
    }
    std::string url(std::string_view target = "/") const {
        return "http://127.0.0.1:" + std::to_string(runtime::port_of(listener_)) + std::string(target);
    }
    std::uint64_t requests() const noexcept { return requests_; }
    std::uint64_t connections() const noexcept { return connections_; }

    static std::string ok(std::string_view body = "ok", std::string_view fields = "") {
        return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
               std::string(fields) + "\r\n" + std::string(body);
    }

private:
    struct Due {
        int fd;
        std::uint64_t connection;
        Reply reply;
    };

    void serve(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            send_what_is_due();
            wait();
            while (auto accepted = runtime::accept_from(listener_.fd())) {
                ++connections_;
                auto const fd = accepted.fd();
                open_.insert_or_assign(fd, std::pair(std::move(accepted), connections_.load()));
            }
            std::vector<int> ended;
            for (auto& [fd, connection] : open_) {
                if (!read(fd, connection.second)) {
                    ended.push_back(fd);
                }
            }
            for (auto const fd : ended) {
                open_.erase(fd);
            }
        }
    }

    void wait() {
        std::vector<pollfd> waiting{{.fd = listener_.fd(), .events = POLLIN, .revents = 0}};
        for (auto const& [fd, connection] : open_) {
            waiting.push_back({.fd = fd, .events = POLLIN, .revents = 0});
        }
        auto left = Time(std::chrono::milliseconds(5));
        if (!due_.empty()) {
            left = std::clamp(due_.begin()->first - monotonic_now(), Time(0), left);
        }
        timespec const time{0, static_cast<long>(left.count())};
        ::ppoll(waiting.data(), waiting.size(), &time, nullptr);
    }

    bool read(int fd, std::uint64_t connection) {
        char bytes[64 * 1024];
        auto const size = ::recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (size <= 0) {
            return size < 0 && errno == EAGAIN;
        }
        auto reply = answer_({bytes, static_cast<std::size_t>(size)}, requests_++);
        if (reply.bytes.empty()) {
            return false;
        }
        if (reply.after > Time(0)) {
            due_.emplace(monotonic_now() + reply.after, Due{fd, connection, std::move(reply)});
            return true;
        }
        return send(fd, reply);
    }

    static bool send(int fd, const Reply& reply) {
        ::send(fd, reply.bytes.data(), reply.bytes.size(), MSG_NOSIGNAL);
        return !reply.closes;
    }

    void send_what_is_due() {
        while (!due_.empty() && due_.begin()->first <= monotonic_now()) {
            auto const due = std::move(due_.begin()->second);
            due_.erase(due_.begin());
            auto const found = open_.find(due.fd);
            if (found != open_.end() && found->second.second == due.connection && !send(due.fd, due.reply)) {
                open_.erase(found);
            }
        }
    }

    Answer answer_;
    runtime::File listener_;
    std::map<int, std::pair<runtime::File, std::uint64_t>> open_;
    std::multimap<Time, Due> due_;
    std::atomic<std::uint64_t> requests_ = 0;
    std::atomic<std::uint64_t> connections_ = 0;
    std::jthread thread_;
};

}  // namespace brio::load
