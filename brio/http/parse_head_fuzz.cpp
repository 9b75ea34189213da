// Heads and bodies, counted and chunked: the same bytes at once and in pieces must leave the same log.
// The first byte of the input seeds the splits, the rest is what the client sends.
#include <brio/http/model_server.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

using brio::http::Limits;
using brio::http::ModelServer;

/// Small, so that short inputs reach every limit.
constexpr Limits limits{
    .request_line = 64,
    .header_bytes = 256,
    .header_count = 8,
    .body = 64,
    .chunk_extension_bytes = 16,
    .trailer_bytes = 32,
    .trailer_count = 3,
};

std::string log_of(std::string_view bytes, std::uint32_t seed) {
    ModelServer server(limits);
    for (std::size_t at = 0; at < bytes.size();) {
        seed = seed * 1664525 + 1013904223;
        const auto size = std::min<std::size_t>(1 + (seed >> 24) % 12, bytes.size() - at);
        server.feed(bytes.substr(at, size));
        at += size;
    }
    return server.log();
}

std::string log_at_once(std::string_view bytes) {
    ModelServer server(limits);
    server.feed(bytes);
    return server.log();
}

void expect_same(const std::string& whole, const std::string& split) {
    if (whole != split) {
        std::fprintf(stderr, "at once:\n%s\nin pieces:\n%s\n", whole.c_str(), split.c_str());
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0 || size > 2048) {
        return 0;
    }
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    expect_same(log_at_once(bytes), log_of(bytes, data[0]));
    const auto prefix = bytes.substr(0, bytes.size() * data[0] / 255);
    expect_same(log_at_once(prefix), log_of(prefix, data[0] + 1U));
    return 0;
}
