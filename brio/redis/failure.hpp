// Why a command has no answer that can be used.
#pragma once
#include <cstdint>
#include <expected>
#include <stdexcept>
#include <string>
#include <string_view>

#include <brio/redis/reply.hpp>
#include <brio/runtime/errors.hpp>

namespace brio::redis {

/// What an error reply says, by its first word.
enum class ErrorKind : std::uint8_t {
    none,  // it was no error reply
    other,
    loading,         // LOADING: reads its data after a start
    master_down,     // MASTERDOWN: a replica without its master that serves nothing
    cluster_down,    // CLUSTERDOWN
    busy,            // BUSY: a script runs too long
    no_auth,         // NOAUTH, WRONGPASS
    no_permission,   // NOPERM
    too_many,        // its maxclients are connected
    read_only,       // READONLY: a replica was asked to write
    out_of_memory,   // OOM: its maxmemory is used and nothing can be evicted
    misconfigured,   // MISCONF: it cannot save, so it takes no writes
    no_replicas,     // NOREPLICAS: too few of them to take writes
    no_script,       // NOSCRIPT: it does not know that script
    wrong_type,      // WRONGTYPE: the key holds another type of value
    moved,           // MOVED, ASK: a cluster whose other node has the key
    wrong_database,  // there is no database of that number
};
ErrorKind error_kind(std::string_view text) noexcept;
std::string_view words_of(ErrorKind kind) noexcept;
/// It serves nobody while that lasts, reads included.
bool is_server_down(ErrorKind kind) noexcept;

enum class Cause : std::uint8_t {
    unavailable,  // not connected, or the breaker is open: nothing was sent; or the connection broke
    timed_out,    // no answer in time: it may have been carried out, or may yet be
    overloaded,   // this program has too much under way
    error_reply,  // the server refused
};
std::string_view words_of(Cause cause) noexcept;

struct Failure {
    Cause cause;
    ErrorKind kind = ErrorKind::none;
    std::string what;
};
using Outcome = std::expected<Reply, Failure>;

/// No answer within the command's time.
class TimedOut : public runtime::Unavailable {
public:
    explicit TimedOut(const std::string& what) : Unavailable(what) {}
};

/// The server refused a command. One that it refuses because it serves nobody is Unavailable instead.
class ErrorReply : public std::runtime_error {
public:
    ErrorReply(ErrorKind refused, const std::string& what) : std::runtime_error(what), kind(refused) {}
    ErrorKind kind;
};

/// Throws runtime::Unavailable, TimedOut, runtime::Overloaded or ErrorReply.
[[noreturn]] void throw_failure(const Failure& failure);

}  // namespace brio::redis
