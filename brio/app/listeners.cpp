#include <brio/app/listeners.hpp>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <system_error>
#include <thread>

#include <brio/base/environment.hpp>
#include <brio/base/log.hpp>
#include <brio/base/text.hpp>
#include <brio/runtime/socket.hpp>

namespace brio::app {
namespace {

constexpr int first_handed_over = 3;  // SD_LISTEN_FDS_START
constexpr int backlog = 4096;         // what may wait while a server process is started again

std::optional<int> number_in(const char* variable) {
    auto const text = environment(variable);
    int value = 0;
    if (!text || std::from_chars(text->data(), text->data() + text->size(), value).ec != std::errc()) {
        return std::nullopt;
    }
    return value;
}

void prepare_handed_over(int fd) {
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
}

bool are_one_socket(int first, int second) noexcept {
    struct stat one{};
    struct stat other{};
    return ::fstat(first, &one) == 0 && ::fstat(second, &other) == 0 && one.st_ino == other.st_ino &&
           one.st_dev == other.st_dev;
}

// Two programs with SO_REUSEPORT would share a port silently, each getting half of the requests. A socket
// without the option cannot be bound while anybody listens. A predecessor that is being replaced gets a
// moment to leave.
void expect_free(const std::string& host, std::uint16_t port) {
    constexpr int tries = 20;
    for (int i = 0; i < tries; ++i) {
        if (is_free(host, port)) {
            return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(25));
    }
    throw std::system_error(
        EADDRINUSE, std::generic_category(),
        concat({"cannot listen on ", host, ":", integer_text(port),
                ": another program has this port; choose another with --port or --admin-port"}));
}

// One for each thread that has none yet, on the port that the first has.
void add_threads(Listeners& listeners, const Settings& settings) {
    std::vector<runtime::File> more;
    while (listeners.api.size() + more.size() < settings.thread_count()) {
        more.push_back(runtime::listen_on({settings.host, listeners.api_port}, backlog));
        listeners.api_port = runtime::port_of(more.back());
    }
    std::ranges::move(more, std::back_inserter(listeners.api));
}

}  // namespace

bool is_free(const std::string& host, std::uint16_t port) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    auto const is_v6 = ::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1;
    if (!is_v6 && ::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) != 1) {
        return true;  // listen_on() says what is wrong with the host
    }
    runtime::File const probe(::socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    int const on = 1;
    ::setsockopt(probe.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    auto const* address =
        is_v6 ? reinterpret_cast<const sockaddr*>(&v6) : reinterpret_cast<const sockaddr*>(&v4);
    auto const size = static_cast<socklen_t>(is_v6 ? sizeof v6 : sizeof v4);
    return !probe || ::bind(probe.fd(), address, size) == 0 || errno != EADDRINUSE;
}

void Listeners::close() noexcept {
    api.clear();
    admin.close();
    redirect.close();
}

void Listeners::turn_away() const noexcept { turn_away_unless_in({}); }

void Listeners::turn_away_unless_in(const Listeners& others) const noexcept {
    if (handed_over) {
        return;
    }
    // The flags of a TCP header are its 14th byte; SYN without ACK begins a connection.
    sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),          BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x12),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x02, 0, 1), BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
    };
    sock_fprog const program{.len = sizeof code / sizeof code[0], .filter = code};
    for (auto const& listener : api) {
        auto const is_same = [&](auto const& other) { return are_one_socket(listener.fd(), other.fd()); };
        if (std::ranges::none_of(others.api, is_same)) {
            ::setsockopt(listener.fd(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
        }
    }
}

std::optional<Listeners> handed_over_listeners() {
    auto const count = number_in("LISTEN_FDS");
    if (number_in("LISTEN_PID") != ::getpid() || !count || *count < 1) {
        return std::nullopt;
    }
    std::string_view names = environment("LISTEN_FDNAMES").value_or("");
    Listeners listeners;
    for (int i = 0; i < *count; ++i) {
        auto const end = names.find(':');
        auto const name = names.substr(0, end);
        names = end == std::string_view::npos ? std::string_view{} : names.substr(end + 1);
        prepare_handed_over(first_handed_over + i);
        runtime::File listener(first_handed_over + i);
        if (name == "admin") {
            listeners.admin = std::move(listener);
        } else if (name == "redirect") {
            listeners.redirect = std::move(listener);
        } else {
            listeners.api.push_back(std::move(listener));
        }
    }
    ::unsetenv("LISTEN_PID");  // not for the programs that this one may start
    ::unsetenv("LISTEN_FDS");
    ::unsetenv("LISTEN_FDNAMES");
    if (listeners.api.empty()) {
        throw std::system_error(
            EINVAL, std::generic_category(),
            "LISTEN_FDS hands over no socket for the API (one that is not named \"admin\")");
    }
    listeners.handed_over = true;
    listeners.api_port = runtime::port_of(listeners.api.front());
    listeners.admin_port = listeners.admin ? runtime::port_of(listeners.admin) : std::uint16_t{0};
    return listeners;
}

namespace {

// `ours`: a port that this program has already, at another address.
void open_api(Listeners& listeners, const Settings& settings, std::uint16_t ours = 0) {
    if (settings.port != 0 && settings.port != ours) {
        expect_free(settings.host, settings.port);
    }
    listeners.api_host = settings.host;
    listeners.api_port = settings.port;
    add_threads(listeners, settings);
}

void open_admin(Listeners& listeners, const Settings& settings, std::uint16_t ours = 0) {
    if (settings.admin_port != 0) {
        if (settings.admin_port != ours) {
            expect_free(settings.admin_host, settings.admin_port);
        }
        listeners.admin = runtime::listen_on({settings.admin_host, settings.admin_port});
    }
    listeners.admin_host = settings.admin_host;
    listeners.admin_port = settings.admin_port;
}

void open_redirect(Listeners& listeners, const Settings& settings, std::uint16_t ours = 0) {
    if (settings.redirect_port != 0) {
        if (settings.redirect_port != ours) {
            expect_free(settings.host, settings.redirect_port);
        }
        listeners.redirect = runtime::listen_on({settings.host, settings.redirect_port});
    }
    listeners.redirect_host = settings.host;
    listeners.redirect_port = settings.redirect_port;
}

template <class Change>
bool try_to(const char* what, Change change) {
    try {
        change();
        return true;
    } catch (const std::system_error& error) {
        log_warning(what, {{"error", error.what()}});
        return false;
    }
}

}  // namespace

Listeners open_listeners(const Settings& settings) {
    Listeners listeners;
    open_api(listeners, settings);
    open_admin(listeners, settings);
    open_redirect(listeners, settings);
    return listeners;
}

bool follow_settings(Listeners& listeners, const Settings& settings) {
    if (listeners.handed_over) {
        return false;
    }
    auto changed = false;
    auto const is_other_port = settings.port != 0 && settings.port != listeners.api_port;
    if (is_other_port || settings.host != listeners.api_host) {
        changed |= try_to("the API stays where it listens", [&] {
            Listeners opened;
            open_api(opened, settings, listeners.api_port);
            listeners.api = std::move(opened.api);
            listeners.api_port = opened.api_port;
            listeners.api_host = opened.api_host;
        });
    } else if (settings.thread_count() > listeners.api.size()) {
        changed |= try_to("the API keeps its number of threads", [&] { add_threads(listeners, settings); });
    } else if (settings.thread_count() < listeners.api.size()) {
        log_warning("the API keeps its number of threads: fewer need a stop and a start",
                    {{"threads", listeners.api.size()}, {"asked", settings.thread_count()}});
    }
    if (settings.admin_port != listeners.admin_port || settings.admin_host != listeners.admin_host) {
        changed |= try_to("the admin pages stay where they listen", [&] {
            Listeners opened;
            open_admin(opened, settings, listeners.admin_port);
            listeners.admin = std::move(opened.admin);
            listeners.admin_port = opened.admin_port;
            listeners.admin_host = opened.admin_host;
        });
    }
    auto const is_other_host = settings.redirect_port != 0 && settings.host != listeners.redirect_host;
    if (settings.redirect_port != listeners.redirect_port || is_other_host) {
        changed |= try_to("what leads to https stays where it listens", [&] {
            Listeners opened;
            open_redirect(opened, settings, listeners.redirect_port);
            listeners.redirect = std::move(opened.redirect);
            listeners.redirect_port = opened.redirect_port;
            listeners.redirect_host = opened.redirect_host;
        });
    }
    return changed;
}

bool is_loopback(std::string_view host) noexcept { return host == "::1" || host.starts_with("127."); }

}  // namespace brio::app
