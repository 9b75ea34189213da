#include <brio/app/worker_counts.hpp>

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

namespace brio::app {

CountSockets CountSockets::open() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) {
        throw std::system_error(errno, std::generic_category(), "socketpair");
    }
    return {.workers = runtime::File(ends[0]), .server = runtime::File(ends[1])};
}

CountTeller::CountTeller(runtime::Loop& loop, metrics::Registry& registry, int socket)
    : sender_(registry),
      socket_(socket),
      again_(loop, *this, &CountTeller::tell_again) {
    again_.in(told_every);
}

void CountTeller::tell_again() {
    tell();
    again_.in(told_every);
}

// A full socket keeps nothing from going on: the server process is busy, or about to be started again.
void CountTeller::tell() {
    sender_.send([this](std::string_view message) {
        return ::send(socket_, message.data(), message.size(), MSG_NOSIGNAL) ==
               static_cast<ssize_t>(message.size());
    });
}

CountListener::CountListener(runtime::Loop& loop, metrics::Registry& registry, int socket)
    : Watch([](Watch& watch, std::uint32_t) { static_cast<CountListener&>(watch).take(); }),
      loop_(loop),
      registry_(registry),
      receiver_(registry),
      refused_(registry
                   .counter({.name = "worker_counts_refused_total",
                             .help = "Messages of workers with other goals, as while settings change.",
                             .labels = {}})
                   .with({})),
      socket_(socket) {
    loop_.add(*this, socket_, EPOLLIN);
}

void CountListener::stop() noexcept {
    if (is_watching()) {
        loop_.remove(*this);
    }
}

// At most so many at once: the loop has other things to do, and is told again.
void CountListener::take() {
    char message[2 * metrics::CountSender::most_message];
    for (int i = 0; i < 32; ++i) {
        auto const size = ::recv(socket_, message, sizeof message, 0);
        if (size <= 0) {
            return;
        }
        if (!receiver_.add({message, static_cast<std::size_t>(size)})) {
            refused_.add(registry_.here());
        }
    }
}

}  // namespace brio::app
