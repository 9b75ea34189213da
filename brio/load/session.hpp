// What one user of a generator has while it runs: its share of the connections, where it counts, its cookies
// and its random numbers. The engine makes it; a Client points to it.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <brio/base/random.hpp>
#include <brio/load/connections.hpp>
#include <brio/load/cookies.hpp>
#include <brio/load/record.hpp>
#include <brio/load/request.hpp>
#include <brio/runtime/running.hpp>

namespace brio::load {

/// From when until when what begins is counted, on the monotonic clock.
struct Counting {
    std::chrono::nanoseconds from{};
    std::chrono::nanoseconds until = std::chrono::nanoseconds::max();

    bool has(std::chrono::nanoseconds begin) const noexcept { return begin >= from && begin < until; }
};

struct Session {
    Connections& connections;
    Record& record;
    const Origin& origin;
    const Counting& counting;
    Random random;
    std::uint64_t number = 0;  // of the user, from 0; no other of the run has it
    Cookies cookies = {};
    /// When the task's first request was meant to begin; its further ones are meant to begin at once.
    std::optional<std::chrono::nanoseconds> intended = {};
    std::uint64_t requests = 0;  // begun
    bool is_refused = false;     // the last one found nobody who accepts connections
};

/// `co_await sending`: until the exchange has ended. Not ended by a stop of the work: the engine ends what is
/// still under way when its patience is over.
struct Sending : Exchange {
    Sending(Session& its_session, std::string_view bytes) : session(its_session) {
        request = bytes;
        done = [](Exchange& ended) { static_cast<Sending&>(ended).waiting.resume(); };
    }
    Sending(const Sending&) = delete;
    Sending& operator=(const Sending&) = delete;

    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> handle) {
        waiting = handle;
        session.connections.send(*this);
    }
    void await_resume() const noexcept {}

    Session& session;
    runtime::Waiting waiting;
};

/// What a whole request came to, redirects included.
struct Ended {
    std::size_t id = 0;  // of the record
    std::chrono::nanoseconds intended{};
    std::chrono::nanoseconds sent{};  // the first of its exchanges
    std::chrono::nanoseconds ended{};
    int status = 0;
    std::optional<Missing> missing;
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;
    bool waited = false;
    bool is_failure = false;  // by its status
};

/// None of those that were expected; without any, from 400 on.
bool is_bad_status(int status, const std::vector<int>& expected);

/// Counts it, if it was meant to begin while it is counted; whether it was.
bool count(Session& session, const Ended& ended);

}  // namespace brio::load
