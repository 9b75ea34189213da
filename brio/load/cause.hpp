// What breaks first beyond the limit, and why: by what the server's ledger says of a run that held and of one
// that missed. Pure.
//
// What a request took longer is divided among the phases of the server's ledger; what no phase has is outside
// of it: the network, and what waits in the sockets of a server whose loops are busy. A wait is a symptom:
// who waits for connections waits for the statements that have them, and who waits outside for the work
// that keeps the loops busy. So behind the phase that grew the most stands what it waits for.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <brio/load/server_reading.hpp>

namespace brio::load {

enum class Culprit : std::uint8_t {
    unknown,    // nothing grew that can be named
    pool,       // too few connections, for statements that are as quick as ever
    database,   // statements themselves
    processor,  // the loops are busy: `phase` with the most of it
    cache,      // waiting for a cache
    offload,    // the offload threads
    broker,     // giving tasks to it
    outbound,   // other services
    shedding,   // requests were refused by a limit
    network,    // answers take long to leave
};

/// A phase's share of what requests took longer.
struct Growth {
    std::string phase;  // of the ledger, or "outside"
    double share = 0;
    double before_ms = 0;  // a request, on average
    double after_ms = 0;
};

struct Cause {
    Culprit culprit = Culprit::unknown;
    std::string phase;           // of the ledger: "pool", "db", "serialise"; empty: none
    std::string words;           // "waiting for a connection … takes 71 % of the overrun: pool 10/10 …"
    std::string advice;          // what to do; empty: nothing is known
    std::vector<Growth> growth;  // the largest first
    std::optional<StatementUse> statement;  // that takes the most time, where the database is concerned
};

/// One run as both sides saw it.
struct RunSeen {
    ServerWindow server;
    double client_mean_ms = 0;           // of answers, from the intended start
    std::optional<double> server_cores;  // that the server used, when it is on this machine
    double failures = 0;                 // share of requests
};
/// `held` is a run below the limit, `missed` one above it.
Cause cause_of(const RunSeen& held, const RunSeen& missed);

}  // namespace brio::load
