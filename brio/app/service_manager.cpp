#include <brio/app/service_manager.hpp>

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include <brio/base/environment.hpp>
#include <brio/base/log.hpp>
#include <brio/base/text.hpp>
#include <brio/runtime/file.hpp>

namespace brio::app {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;

std::optional<std::int64_t> take_number(const char* name) {
    auto const text = environment(name);
    std::int64_t value = 0;
    auto const is_number =
        text && std::from_chars(text->data(), text->data() + text->size(), value).ec == std::errc();
    ::unsetenv(name);
    return is_number ? std::optional(value) : std::nullopt;
}

std::string with_thousands(std::uint64_t value) {
    auto text = integer_text(value);
    for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3) {
        text.insert(static_cast<std::size_t>(at), ",");
    }
    return text;
}

std::string plural(std::uint64_t count, std::string_view noun) {
    return concat({with_thousands(count), " ", noun, count == 1 ? "" : "s"});
}

// 0, or the errno.
int send_to(const std::string& path, std::string_view lines) noexcept {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path || (path[0] != '/' && path[0] != '@')) {
        return EAFNOSUPPORT;
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    auto size = offsetof(sockaddr_un, sun_path) + path.size() + 1;
    if (path[0] == '@') {  // abstract: it begins with a zero byte and ends without
        address.sun_path[0] = '\0';
        --size;
    }
    runtime::File const socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!socket) {
        return errno;
    }
    timeval const patience{.tv_sec = 1, .tv_usec = 0};
    ::setsockopt(socket.fd(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    for (;;) {
        auto const sent = ::sendto(socket.fd(), lines.data(), lines.size(), MSG_NOSIGNAL,
                                   reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(size));
        if (sent >= 0 || errno != EINTR) {
            return sent >= 0 ? 0 : errno;
        }
    }
}

}  // namespace

ServiceManagerAddress take_service_manager() {
    ServiceManagerAddress address{.socket = std::string(environment("NOTIFY_SOCKET").value_or(""))};
    ::unsetenv("NOTIFY_SOCKET");
    auto const interval = take_number("WATCHDOG_USEC");
    auto const pid = take_number("WATCHDOG_PID");
    if (interval && *interval > 0 && pid.value_or(::getpid()) == ::getpid()) {
        address.watchdog = microseconds(*interval);
    }
    return address;
}

void ServiceManager::tell(std::string_view lines) noexcept {
    if (!is_there() || lines.empty()) {
        return;
    }
    if (auto const error = send_to(address_.socket, lines); error != 0 && !has_complained_) {
        has_complained_ = true;
        log_warning("the service manager cannot be told of this program",
                    {{"NOTIFY_SOCKET", address_.socket}, {"error", ::strerror(error)}});
    }
}

std::string words_of(std::size_t processes, const ServerFigures& figures) {
    auto words =
        concat({processes == 1 ? "1 process" : concat({with_thousands(processes), " processes"}), ", ",
                with_thousands(static_cast<std::uint64_t>(std::lround(figures.requests_per_second))),
                " requests/s"});
    if (figures.goals_missed > 0) {
        words += concat({", ", plural(figures.goals_missed, "goal"), " missed"});
    } else if (figures.goals_kept > 0) {
        words += ", all goals kept";
    }
    return words;
}

ServiceNotices::Time ServiceNotices::told_every() const noexcept {
    constexpr Time usual = std::chrono::seconds(1);
    return watchdog_ > Time::zero() ? std::min(usual, watchdog_ / 8) : usual;
}

std::string ServiceNotices::ready(Time now) {
    is_ready_ = true;
    heard_at_ = now;
    status_at_ = now + status_every;
    if (watchdog_ > Time::zero()) {
        beat_at_ = now;
    }
    return "READY=1\nSTATUS=serving";
}

std::string ServiceNotices::reloading(Time now) {
    return concat({"RELOADING=1\nMONOTONIC_USEC=", integer_text(duration_cast<microseconds>(now).count()),
                   "\nSTATUS=the next server process is started"});
}

std::string ServiceNotices::reloaded(std::string_view failure, Time now) {
    status_.clear();
    status_at_ = now + status_every;
    return failure.empty() ? std::string("READY=1\nSTATUS=serving, restarted")
                           : concat({"READY=1\nSTATUS=", failure});
}

std::string ServiceNotices::stopping(Time most) {
    is_stopping_ = true;
    status_at_.reset();
    return concat({"STOPPING=1\nSTATUS=draining\nEXTEND_TIMEOUT_USEC=",
                   integer_text(duration_cast<microseconds>(most).count())});
}

void ServiceNotices::heard(Time stuck, Time now) {
    stuck_ = stuck;
    heard_at_ = now;
}

std::string_view ServiceNotices::judge(bool serves, Time now) {
    if (!serves || is_stopping_) {
        served_ = false;
        return {};
    }
    if (!std::exchange(served_, true)) {
        heard_at_ = now;  // a new one, which has its time
        stuck_ = Time::zero();
    }
    if (now - heard_at_ > watchdog_ / 2) {
        return "the server process does not tell of itself any more";
    }
    if (stuck_ > watchdog_ / 2) {
        return "a thread of the server process does not come round";
    }
    return {};
}

std::string ServiceNotices::tick(std::string_view words, bool serves, Time now) {
    std::string lines;
    if (beat_at_ && *beat_at_ <= now) {
        beat_at_ = now + watchdog_ / 3;
        complaint_ = judge(serves, now);
        if (complaint_.empty()) {
            lines = "WATCHDOG=1";
        }
    }
    if (status_at_ && *status_at_ <= now && is_ready_) {
        status_at_ = now + status_every;
        if (words != status_) {
            lines += concat({lines.empty() ? "" : "\n", "STATUS=", words});
            status_ = words;
        }
    }
    return lines;
}

std::optional<ServiceNotices::Time> ServiceNotices::wake_at() const noexcept {
    if (beat_at_ && status_at_) {
        return std::min(*beat_at_, *status_at_);
    }
    return beat_at_ ? beat_at_ : status_at_;
}

}  // namespace brio::app
