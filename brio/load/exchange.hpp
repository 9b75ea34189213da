// One request under way, and what became of it.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <brio/load/record.hpp>

namespace brio::load {

class Connection;

/// Owned by whoever sends it, who keeps it and the request's bytes in place until `done` was called.
struct Exchange {
    using Time = std::chrono::nanoseconds;  // of the monotonic clock

    std::string_view request;  // all its bytes
    bool to_head = false;      // its method is HEAD
    bool keeps = false;        // head and body are wanted
    bool may_repeat = false;   // its method may be sent again over a new connection (RFC 9110 §9.2.2)
    void (*done)(Exchange&) = nullptr;

    int status = 0;                  // 0: none came whole
    std::optional<Missing> missing;  // then, why
    std::string head;
    std::string body;  // as it came: coded, if it was
    std::uint64_t bytes_received = 0;
    Time began{};  // given to the connections
    Time sent{};   // handed to the kernel; `began` while that has not happened
    Time ended{};
    bool waited = false;  // for a connection

private:
    friend class Connections;
    friend class Connection;
    Connection* connection_ = nullptr;
    bool was_repeated_ = false;
    Exchange* earlier_ = nullptr;  // of all that are under way, in the order of their beginning
    Exchange* later_ = nullptr;
};

}  // namespace brio::load
