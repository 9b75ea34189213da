#include <brio/redis/failure.hpp>

#include <array>
#include <utility>

namespace brio::redis {
namespace {

constexpr std::array<std::pair<std::string_view, ErrorKind>, 19> codes{{
    {"LOADING", ErrorKind::loading},
    {"MASTERDOWN", ErrorKind::master_down},
    {"CLUSTERDOWN", ErrorKind::cluster_down},
    {"BUSY", ErrorKind::busy},
    {"NOAUTH", ErrorKind::no_auth},
    {"WRONGPASS", ErrorKind::no_auth},
    {"NOPERM", ErrorKind::no_permission},
    {"READONLY", ErrorKind::read_only},
    {"OOM", ErrorKind::out_of_memory},
    {"MISCONF", ErrorKind::misconfigured},
    {"NOREPLICAS", ErrorKind::no_replicas},
    {"NOSCRIPT", ErrorKind::no_script},
    {"WRONGTYPE", ErrorKind::wrong_type},
    {"MOVED", ErrorKind::moved},
    {"ASK", ErrorKind::moved},
    {"ERR max number of clients", ErrorKind::too_many},
    {"ERR DB index", ErrorKind::wrong_database},
    {"ERR invalid DB index", ErrorKind::wrong_database},
    {"ERR AUTH", ErrorKind::no_auth},
}};

}  // namespace

ErrorKind error_kind(std::string_view text) noexcept {
    for (const auto& [code, kind] : codes) {
        if (text.starts_with(code) && (text.size() == code.size() || text[code.size()] == ' ')) {
            return kind;
        }
    }
    return ErrorKind::other;
}

std::string_view words_of(ErrorKind kind) noexcept {
    switch (kind) {
        case ErrorKind::none: return "none";
        case ErrorKind::other: return "error";
        case ErrorKind::loading: return "loading";
        case ErrorKind::master_down: return "master_down";
        case ErrorKind::cluster_down: return "cluster_down";
        case ErrorKind::busy: return "busy";
        case ErrorKind::no_auth: return "no_auth";
        case ErrorKind::no_permission: return "no_permission";
        case ErrorKind::too_many: return "too_many_clients";
        case ErrorKind::read_only: return "read_only";
        case ErrorKind::out_of_memory: return "out_of_memory";
        case ErrorKind::misconfigured: return "misconfigured";
        case ErrorKind::no_replicas: return "no_replicas";
        case ErrorKind::no_script: return "no_script";
        case ErrorKind::wrong_type: return "wrong_type";
        case ErrorKind::moved: return "moved";
        case ErrorKind::wrong_database: return "wrong_database";
    }
    return "error";
}

bool is_server_down(ErrorKind kind) noexcept {
    switch (kind) {
        case ErrorKind::loading:
        case ErrorKind::master_down:
        case ErrorKind::cluster_down:
        case ErrorKind::busy:
        case ErrorKind::no_auth:
        case ErrorKind::too_many: return true;
        default: return false;
    }
}

std::string_view words_of(Cause cause) noexcept {
    switch (cause) {
        case Cause::unavailable: return "unavailable";
        case Cause::timed_out: return "timed_out";
        case Cause::overloaded: return "overloaded";
        case Cause::error_reply: return "error";
    }
    return "error";
}

void throw_failure(const Failure& failure) {
    switch (failure.cause) {
        case Cause::unavailable: break;
        case Cause::timed_out: throw TimedOut(failure.what);
        case Cause::overloaded: throw runtime::Overloaded(failure.what);
        case Cause::error_reply:
            if (!is_server_down(failure.kind)) {
                throw ErrorReply(failure.kind, failure.what);
            }
    }
    throw runtime::Unavailable(failure.what);
}

}  // namespace brio::redis
