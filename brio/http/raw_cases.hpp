// Every raw request case, as a server sees it: the tables, the chunk cases behind a head, and those that sit
// at a limit (of the default Limits). Test-only: the parser tests run them in memory at every split, wire
// tests over a socket.
#pragma once
#include <brio/http/raw_cases_body.hpp>
#include <brio/http/raw_cases_fields.hpp>
#include <brio/http/raw_cases_line.hpp>

#include <string>
#include <vector>

namespace brio::http {

/// A RawCase that owns its text.
struct RawRequest {
    std::string name;
    std::string bytes;
    int status = 0;
    bool must_close = false;
    int answers = 1;
};

inline std::string repeated_lines(std::size_t count, std::string_view line) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text += line;
    }
    return text;
}

/// Requests that just fit a default limit and ones that are one byte or one line over it.
inline std::vector<RawRequest> raw_limit_requests() {
    const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n";  // "Host: a\r\n" is 9 bytes and 1 field
    const std::string chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    const auto line = [](std::size_t size) {
        return "GET /?" + std::string(size - 15, 'q') + " HTTP/1.1\r\nHost: a\r\n\r\n";
    };
    const auto fields = [&](std::size_t size) {
        return get + "X: " + std::string(size - 14, 'v') + "\r\n\r\n";
    };
    return {
        {"longest request line", line(8192), 200},
        {"request line too long", line(8193), 414, true},
        {"request line too long without an end", "GET /" + std::string(9 * 1024, 'a'), 414, true},
        {"method too long", std::string(9 * 1024, 'A'), 414, true},
        {"rubbish in a line that is too long", "GET /" + std::string(8192, 'a') + "\001", 414, true},
        {"largest fields", fields(16384), 200},
        {"fields too large", fields(16385), 431, true},
        {"fields too large without an end", get + "X: " + std::string(17 * 1024, 'v'), 431, true},
        {"name too large", get + std::string(17 * 1024, 'X'), 431, true},
        {"most fields", get + repeated_lines(99, "X: 1\r\n") + "\r\n", 200},
        {"too many fields", get + repeated_lines(100, "X: 1\r\n") + "\r\n", 431, true},
        {"largest body",
         "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n" + std::string(1 << 20, 'b'), 200},
        {"largest chunked body", chunked + "100000\r\n" + std::string(1 << 20, 'b') + "\r\n0\r\n\r\n", 200},
        {"one byte over the limit in a last chunk",
         chunked + "100000\r\n" + std::string(1 << 20, 'b') + "\r\n1\r\nx\r\n0\r\n\r\n", 413, true},
        {"longest extension", chunked + "1;" + std::string(4095, 'e') + "\r\nx\r\n0\r\n\r\n", 200},
        {"extension too long", chunked + "1;" + std::string(64 * 1024, 'e') + "\r\nx\r\n0\r\n\r\n", 400,
         true},
        {"extensions too long together", chunked + repeated_lines(1025, "1;abc\r\nx\r\n") + "0\r\n\r\n", 400,
         true},
        {"most trailers", chunked + "0\r\n" + repeated_lines(32, "X: 1\r\n") + "\r\n", 200},
        {"too many trailers", chunked + "0\r\n" + repeated_lines(33, "X: 1\r\n") + "\r\n", 431, true},
        {"trailers too large", chunked + "0\r\nX: " + std::string(8192, 'v') + "\r\n\r\n", 431, true},
    };
}

inline std::vector<RawRequest> raw_requests() {
    std::vector<RawRequest> all;
    const auto add = [&](std::string_view head, const RawCase& one) {
        all.push_back({std::string(one.name), std::string(head) + std::string(one.bytes), one.status,
                       one.must_close, one.answers});
    };
    for (const auto& one : raw_line_cases) {
        add("", one);
    }
    for (const auto& one : raw_field_cases) {
        add("", one);
    }
    for (const auto& one : raw_body_cases) {
        add("", one);
    }
    for (const auto& one : raw_chunk_cases) {
        add("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", one);
    }
    return all;
}

}  // namespace brio::http
