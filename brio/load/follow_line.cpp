#include <brio/load/follow_line.hpp>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <brio/base/clock.hpp>
#include <brio/base/text.hpp>

namespace brio::load::follow {
namespace {

using std::chrono::milliseconds;

int in_milliseconds(std::chrono::nanoseconds time) noexcept {
    return static_cast<int>(std::max<milliseconds::rep>(0, std::chrono::ceil<milliseconds>(time).count()));
}

}  // namespace

Line::Line(runtime::File socket) : socket_(std::move(socket)) {
    ::fcntl(socket_.fd(), F_SETFL, ::fcntl(socket_.fd(), F_GETFL) | O_NONBLOCK);
    // of TCP only: a machine that vanished is noticed by what it does not acknowledge
    const int on = 1;
    const auto silence = static_cast<unsigned>(milliseconds(longest_silence).count());
    ::setsockopt(socket_.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(socket_.fd(), IPPROTO_TCP, TCP_USER_TIMEOUT, &silence, sizeof silence);
}

void Line::trust() noexcept {
    reader_.allow(most_frame);
    most_reads_ = 64;
}

bool Line::send(const Message& message) {
    if (!problem_.empty()) {
        return false;
    }
    const std::string frame = frame_of(message);
    if (frame.size() > most_frame) {
        problem_ = concat({"what is to be told is too much: ", integer_text(frame.size()), " bytes"});
        return false;
    }
    const auto until = monotonic_now() + patience;
    std::string_view left = frame;
    while (!left.empty()) {
        const auto sent = ::send(socket_.fd(), left.data(), left.size(), MSG_NOSIGNAL);
        if (sent >= 0) {
            left.remove_prefix(static_cast<std::size_t>(sent));
            continue;
        }
        if (errno != EAGAIN && errno != EINTR) {
            problem_ = concat({"the connection broke: ", std::strerror(errno)});
            return false;
        }
        const auto rest = until - monotonic_now();
        pollfd entry{.fd = socket_.fd(), .events = POLLOUT, .revents = 0};
        if (rest <= rest.zero() || ::poll(&entry, 1, in_milliseconds(rest)) == 0) {
            problem_ = "nothing is taken any more";
            return false;
        }
    }
    return true;
}

std::vector<Message> Line::receive() {
    std::vector<Message> messages;
    std::array<char, 65'536> bytes;
    for (std::size_t i = 0; i < most_reads_ && problem_.empty(); ++i) {
        const auto size = ::recv(socket_.fd(), bytes.data(), bytes.size(), 0);
        if (size > 0) {
            reader_.append({bytes.data(), static_cast<std::size_t>(size)});
            read_messages(messages);
        } else if (size == 0) {
            problem_ = "the connection has ended";
        } else if (errno == EAGAIN) {
            break;
        } else if (errno != EINTR) {
            problem_ = concat({"the connection broke: ", std::strerror(errno)});
        }
    }
    return messages;
}

void Line::read_messages(std::vector<Message>& messages) {
    for (;;) {
        auto next = reader_.next();
        if (!next) {
            problem_ = std::move(next.error());
            return;
        }
        if (!*next) {
            return;
        }
        messages.push_back(std::move(**next));
    }
}

void Line::finish() {
    ::shutdown(socket_.fd(), SHUT_WR);
    const auto until = monotonic_now() + patience;
    while (problem_.empty() && monotonic_now() < until) {
        wait_for({socket_.fd()}, until - monotonic_now());
        receive();
    }
}

bool wait_for(const std::vector<int>& fds, std::chrono::nanoseconds most) {
    std::vector<pollfd> entries;
    for (const int fd : fds) {
        entries.push_back({.fd = fd, .events = POLLIN, .revents = 0});
    }
    return ::poll(entries.data(), entries.size(), in_milliseconds(most)) > 0;
}

}  // namespace brio::load::follow
