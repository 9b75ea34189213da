// A ledger in words: the Server-Timing header and the phases of an access-log line.
//
// Source: W3C "Server Timing" (dur in milliseconds). Phases under 5 µs are left out of both. No printf.
#pragma once
#include <brio/base/buffer.hpp>
#include <brio/ledger/ledger.hpp>

#include <cstdint>

namespace brio::ledger {

inline constexpr std::uint64_t least_shown_ns = 5'000;

/// `db;dur=0.09, handler;dur=0.02, total;dur=0.21`: the phases up to compress, since the header goes before
/// the body is written. The total is that of the ledger so far, with `total` always there.
void append_server_timing(Buffer& out, const Ledger& ledger);

/// `0.21ms db 0.09(2q) ser 0.02 gz 0.05`: the total, then each phase by its short name; the database's with
/// its statements. Cost: 70 ns with five phases (ledger_bench).
void append_phase_words(Buffer& out, const Ledger& ledger);

}  // namespace brio::ledger
