// Every bound on what one client may make an HTTP server hold, read or wait for. The first group is enforced
// by the pure parsers (parse_head, ChunkedDecoder, QueryReader), the rest by the connection and the server.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace brio::http {

/// The fields that a RequestHead has room for; Limits::header_count above it is cut down to it.
inline constexpr std::size_t header_count_capacity = 128;

struct Limits {
    std::size_t request_line = 8 * 1024;   // bytes before its CRLF; more: 414
    std::size_t header_bytes = 16 * 1024;  // all field lines with their CRLFs; more: 431
    std::size_t header_count = 100;        // field lines; more: 431
    std::size_t empty_lines = 2;           // CRLFs skipped before a request line; more: 400
    std::uint64_t body =
        1024 * 1024;  // decoded bytes of a body, also per route; more: 413, before it is read
    std::uint64_t body_ratio =
        100;  // bytes of a body for each that came in gzip, once more than 64 kB; more: 413
    std::size_t chunk_extension_bytes = 4 * 1024;  // of all chunks of one body together; more: 400
    std::size_t trailer_bytes = 8 * 1024;          // trailer lines with their CRLFs; more: 431
    std::size_t trailer_count = 32;                // trailer lines; more: 431
    std::size_t query_pairs = 64;                  // name=value pairs that a QueryReader gives out; more: 400

    std::chrono::milliseconds header_deadline{
        10'000};  // first byte of a request to the end of its head; later: 408
    std::chrono::milliseconds body_grace{5'000};  // after it, a body slower than body_min_rate: 408 and close
    std::uint64_t body_min_rate = 1024;           // bytes a second, on average since the head ended
    std::chrono::milliseconds keep_alive_idle{60'000};  // between requests; then closed without an answer
    std::chrono::milliseconds write_stall{10'000};      // a client that accepts no byte for so long is reset
    std::size_t unread_body = 64 * 1024;      // a body left by its handler is read up to here, else closed
    std::size_t pipelined = 64;               // requests answered from one read before others get a turn
    std::size_t requests_per_connection = 0;  // then closed; 0: no bound
    std::size_t connections = 16 * 1024;      // of one server; more: not accepted until one ends
    std::size_t handshakes = 1024;            // of TLS under way; more: a slow one is left, else it waits
    std::chrono::milliseconds handshake_deadline{10'000};  // from a connection to the end of its handshake
    std::size_t streams = 4 * 1024;         // answers of one server that are streams; more: 503
    std::size_t compressed_streams = 512;   // of them with a compressor, 82 kB each; more: identity
    std::size_t stream_buffer = 64 * 1024;  // bytes that wait for a stream's client; then its producer does
};

}  // namespace brio::http
