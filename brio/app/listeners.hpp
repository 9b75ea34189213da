// The listening sockets of a program: opened before anything else, kept by the supervisor over the life of
// its server processes.
//
// Connections that come while no server process accepts wait in their queues, which are as long as these
// sockets are open.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <brio/app/settings.hpp>
#include <brio/runtime/file.hpp>

namespace brio::app {

struct Listeners {
    std::vector<runtime::File> api;  // one a thread; fewer when they were handed over
    runtime::File admin;             // none without an admin server
    runtime::File redirect;          // none when nothing leads to https
    std::uint16_t api_port = 0;
    std::uint16_t admin_port = 0;
    std::string api_host;  // as the settings named them
    std::string admin_host;
    std::uint16_t redirect_port = 0;
    std::string redirect_host;
    bool handed_over =
        false;  // another program has them too, and keeps what waits in their queues for our successor

    void close() noexcept;
    /// New connections are refused an answer (their SYN is dropped) while those under way complete, so that
    /// after a moment the queues can be emptied for good before they are closed. For every process that
    /// shares the sockets, so not when handed over.
    void turn_away() const noexcept;
    /// The same for those of these that `others` has not.
    void turn_away_unless_in(const Listeners& others) const noexcept;
};

/// Sockets that another program has already opened for this one (systemd: LISTEN_PID, LISTEN_FDS,
/// LISTEN_FDNAMES; sd_listen_fds(3)), nothing when there are none. The one named "admin" is the admin
/// server's, "redirect" that of BRIO_REDIRECT_PORT, the others the API's.
std::optional<Listeners> handed_over_listeners();

/// Opens what the settings say. Throws std::system_error that says which port is taken and what to do; a port
/// that another process listens on is taken, whatever its socket options.
Listeners open_listeners(const Settings& settings);

/// What the settings say by now, of sockets that are open: other ports and hosts, more threads. Those that
/// stay the same are kept; fewer threads need a stop, for connections wait in each socket. What cannot be
/// opened is a warning in the log, and what was there stays. False when nothing was changed, as of sockets
/// that were handed over.
bool follow_settings(Listeners& listeners, const Settings& settings);

/// Whether nobody listens on the port. The host must be a numeric address.
bool is_free(const std::string& host, std::uint16_t port);

/// Whether `host` can be reached from this machine only.
bool is_loopback(std::string_view host) noexcept;

}  // namespace brio::app
