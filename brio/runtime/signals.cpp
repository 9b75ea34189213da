#include <brio/runtime/signals.hpp>

#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace brio::runtime {

Signals::Signals(Loop& loop, std::initializer_list<int> signals, std::function<void(int)> received)
    : Watch([](Watch& watch, std::uint32_t) { static_cast<Signals&>(watch).read(); }),
      loop_(loop),
      received_(std::move(received)) {
    sigset_t set;
    sigemptyset(&set);
    for (int const signal : signals) {
        sigaddset(&set, signal);
    }
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    file_ = File(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
    if (!file_) {
        throw std::system_error(errno, std::generic_category(), "signalfd");
    }
    loop_.add(*this, file_.fd(), EPOLLIN);
}

Signals::~Signals() { loop_.remove(*this); }

void Signals::read() {
    signalfd_siginfo info{};
    while (::read(file_.fd(), &info, sizeof info) == sizeof info) {
        received_(static_cast<int>(info.ssi_signo));
    }
}

}  // namespace brio::runtime
