// What a program hands to itself when it is started anew (SIGHUP): its listening sockets, and what a new
// process has to know of those that are there.
//
// The supervisor starts a new server process from the program's file and, when that one answers, becomes that
// program itself, in its place (execve: the same pid, the same children). Both get one Handover: a file in
// memory that the variable BRIO_HANDOVER names by its descriptor, JSON, so that versions of a program that
// differ understand each other. Descriptors travel by number: they stay open over the execve.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <brio/app/listeners.hpp>
#include <brio/app/program_file.hpp>
#include <brio/runtime/file.hpp>

namespace brio::app {

/// Listeners by their descriptors; -1: none.
struct HandedListeners {
    static constexpr bool open_object = true;
    std::vector<std::int32_t> api = {};
    std::int32_t admin = -1;
    std::uint16_t api_port = 0;
    std::uint16_t admin_port = 0;
    std::string api_host = "";
    std::string admin_host = "";
    std::int32_t redirect = -1;
    std::uint16_t redirect_port = 0;
    std::string redirect_host = "";
    bool handed_over = false;

    static constexpr std::array<std::string_view, 3> optional_fields{"api_host", "admin_host",
                                                                     "redirect_host"};
};
HandedListeners describe(const Listeners& listeners);
/// Owns them from now on. Two of one Handover: only one may be used.
Listeners own(const HandedListeners& handed);
/// In the order of `api`, then `admin` and `redirect`.
std::vector<std::int32_t> descriptors(const HandedListeners& handed);

/// A server process that is there.
struct KeptServer {
    static constexpr bool open_object = true;
    std::int32_t pid = 0;
    bool is_serving = false;    // else it drains
    std::int64_t since_ns = 0;  // of answering; CLOCK_MONOTONIC
};
/// A place of a worker process.
struct KeptWorker {
    static constexpr bool open_object = true;
    std::int32_t pid = 0;  // 0: none is there
    bool is_wanted = true;
    bool is_draining = false;
    bool is_retiring = false;
    std::uint32_t deaths = 0;
    std::int64_t since_ns = 0;
};
/// What only the supervisor itself gets.
struct KeptSupervision {
    static constexpr bool open_object = true;
    std::vector<KeptServer> servers = {};
    std::uint32_t deaths = 0;
    bool restarts_again = false;  // asked for meanwhile
    std::vector<KeptWorker> workers = {};
    std::int32_t news = -1;           // where it hears of server processes
    std::int32_t worker_counts = -1;  // CountSockets::workers
    std::string notify_socket = "";   // of the service manager; empty: there is none
    std::int64_t watchdog_us = 0;     // which wants to hear as often; 0: never

    static constexpr std::array<std::string_view, 1> optional_fields{"notify_socket"};
};

struct Handover {
    static constexpr bool open_object = true;
    static constexpr std::int32_t version_here = 1;  // another one is not understood

    std::int32_t version = version_here;
    std::int32_t supervisor = 0;  // its pid
    std::string program = {};     // the path it is started from
    std::string instance = {};    // the id that the program has among others
    FileIdentity file = {};       // that `recordings` are of
    std::int32_t recordings = -1;
    std::int32_t next_recordings = -1;  // empty, for a program of another file
    std::int32_t news = -1;             // where a server process tells of itself (server_news.hpp)
    std::int64_t told_every_us = 0;     // how often it is to; 0: never
    std::int32_t counts = -1;           // CountSockets::server
    HandedListeners listeners = {};
    std::optional<KeptSupervision> kept = {};  // none: the reader is a server process
};

/// Starts `handover.program` in this process with what it gets; `arguments` begin with argv[0]. Returns only
/// when that cannot be done: the errno, and all is as before. No other thread may run.
int become(const Handover& handover, std::span<const std::string> arguments) noexcept;

/// What this process was started with, once; nothing when it was started by anybody else. Its descriptors are
/// not inherited by others any more. Throws std::runtime_error that says what to do when it comes from a
/// program that this one does not understand.
std::optional<Handover> take_handover();

/// A file in memory, empty and closed by an execve. Throws std::system_error.
runtime::File memory_file(const char* name);

}  // namespace brio::app
