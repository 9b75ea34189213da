#include <brio/http/chunked.hpp>
#include <brio/http/parse_head.hpp>

#include <benchmark/benchmark.h>

#include <string>

namespace brio::http {
namespace {

constexpr std::string_view small_get = "GET / HTTP/1.1\r\nHost: 127.0.0.1:80\r\n\r\n";
constexpr std::string_view api_get =
    "GET /api/resources?page=2&page_size=20&status=active HTTP/1.1\r\n"
    "Host: 127.0.0.1:8080\r\n"
    "User-Agent: wrk\r\n"
    "Accept-Encoding: gzip\r\n"
    "\r\n";
constexpr std::string_view browser_get =
    "GET /api/resources?page=2&page_size=20&sort_by=created_at HTTP/1.1\r\n"
    "Host: shop.example.org\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n"
    "Accept-Language: en-GB,en;q=0.7,de;q=0.3\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Referer: https://shop.example.org/resources\r\n"
    "Connection: keep-alive\r\n"
    "Cookie: session=0f5d8c1f9a2b4c6d8e0f1a2b3c4d5e6f; theme=dark; locale=en_GB\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
    "Sec-Fetch-Dest: document\r\n"
    "Sec-Fetch-Mode: navigate\r\n"
    "Sec-Fetch-Site: same-origin\r\n"
    "If-None-Match: \"7-1f3a9c\"\r\n"
    "Priority: u=0, i\r\n"
    "\r\n";

void parse(benchmark::State& state, std::string_view bytes) {
    RequestHead head;
    const Limits limits;
    for (auto _ : state) {
        benchmark::DoNotOptimize(bytes);
        auto result = parse_head(bytes, 0, head, limits);
        benchmark::DoNotOptimize(result);
        benchmark::ClobberMemory();
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes.size()));
    state.counters["request_bytes"] = static_cast<double>(bytes.size());
}
BENCHMARK_CAPTURE(parse, small_get, small_get);
BENCHMARK_CAPTURE(parse, api_get, api_get);
BENCHMARK_CAPTURE(parse, browser_get, browser_get);

void parse_byte_by_byte(benchmark::State& state) {
    RequestHead head;
    const Limits limits;
    for (auto _ : state) {
        for (std::size_t size = 1; size <= browser_get.size(); ++size) {
            auto result = parse_head(browser_get.substr(0, size), size - 1, head, limits);
            benchmark::DoNotOptimize(result);
        }
    }
}
BENCHMARK(parse_byte_by_byte);

void decode_chunks(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    std::string bytes;
    constexpr std::string_view digits = "0123456789abcdef";
    for (std::size_t done = 0; done < 64 * 1024; done += size) {
        for (int shift = 16; shift >= 0; shift -= 4) {
            bytes += digits[(size >> shift) & 15U];
        }
        bytes += "\r\n" + std::string(size, 'x') + "\r\n";
    }
    bytes += "0\r\n\r\n";
    const Limits limits;
    Buffer body;
    for (auto _ : state) {
        body.clear();
        ChunkedDecoder decoder(limits, limits.body);
        auto step = decoder.decode(bytes, body);
        benchmark::DoNotOptimize(step);
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * body.size()));
}
BENCHMARK(decode_chunks)->Arg(16)->Arg(1024)->Arg(64 * 1024);

}  // namespace
}  // namespace brio::http
