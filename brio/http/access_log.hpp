// The access log: one line a request, written after its last byte.
//
// text: `GET /api/resources 200 0.21ms db 0.09(2q) ser 0.02 cache MISS`; statuses from 400 on end with the
// request's id, and behind trusted proxies every line with the client's address. json: an object with time,
// method, path, endpoint, status, duration_ms, phases_ms, bytes, client, request_id, trace_id. The query is
// left out: it may hold what does not belong in a log.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include <brio/base/buffer.hpp>
#include <brio/base/log.hpp>
#include <brio/http/address.hpp>
#include <brio/http/head.hpp>
#include <brio/http/traceparent.hpp>
#include <brio/ledger/ledger.hpp>

namespace brio::http {

/// What is kept of a request between its answer and its last byte.
struct LogEntry {
    static constexpr std::size_t most_path = 88;  // a longer path is cut

    LogEntry() noexcept {}  // the texts are not zeroed

    Method method = Method::other;
    std::uint16_t status = 0;
    std::uint8_t path_size = 0;
    std::uint8_t id_size = 0;
    bool path_cut = false;
    bool has_trace = false;
    std::array<char, most_path> path;
    std::array<char, 36> id;
    std::string_view endpoint;
    std::string_view cache;
    std::uint64_t bytes = 0;  // of the body sent
    TraceContext trace;
    std::optional<Address> client;  // none: not looked for, or the connection has none

    void set_path(std::string_view text) noexcept;
    void set_id(std::string_view text) noexcept;
    std::string_view path_view() const noexcept { return {path.data(), path_size}; }
    std::string_view id_view() const noexcept { return {id.data(), id_size}; }
};

/// Appends the line without its line feed. Cost: about 150 ns for text.
void append_access_line(Buffer& out, LogFormat format, const LogEntry& entry, const ledger::Ledger& ledger);

}  // namespace brio::http
