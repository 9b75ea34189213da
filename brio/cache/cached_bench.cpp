// What a kept answer costs in user space, over an in-memory socket, beside an answer of the same bytes that
// needs no cache.
#include <brio/cache/cached.hpp>

#include <benchmark/benchmark.h>

#include <brio/db/provide.hpp>
#include <brio/db/test_model.hpp>
#include <brio/http/wire_harness.hpp>

namespace brio::cache {
namespace {

const std::string body(4'000, 'x');

http::Response answer() {
    http::Response response;
    response.content_type = "application/json";
    response.static_body = body;
    response.etag("\"0123456789abcdef\"").cache_control("private, no-cache");
    return response;
}
http::Response by_id(http::Path<"id", std::int64_t>) { return answer(); }
http::Response by_list(List<db::test::listing>) { return answer(); }

void routes(http::Router& api) {
    api.get<"/plain">(answer);
    api.get<"/kept">(cached(std::chrono::hours(1), answer));
    api.get<"/kept/{id}">(cached(std::chrono::hours(1), by_id));
    api.get<"/kept/list">(cached(std::chrono::hours(1), by_list));
}

void serve(benchmark::State& state, std::string_view target) {
    constexpr int depth = 8;
    Caches caches;
    http::Services services;
    services.add(caches);
    http::test::Wire wire(&routes, {}, {http::measure(), http::deadlines()}, services);
    const auto client = wire.connect();
    std::string batch;
    for (int i = 0; i < depth; ++i) {
        batch += concat({"GET ", target, " HTTP/1.1\r\nHost: localhost\r\n\r\n"});
    }
    std::array<char, 64 * 1024> answers;
    const auto round = [&] {
        [[maybe_unused]] const auto sent = ::send(client, batch.data(), batch.size(), MSG_NOSIGNAL);
        wire.loop.turn(runtime::Nanoseconds::zero());
        return ::recv(client, answers.data(), answers.size(), 0);
    };
    for (int i = 0; i < 1000; ++i) {
        round();
    }
    for (auto _ : state) {
        if (round() < 8 * 4'000) {
            state.SkipWithError("no answer");
            break;
        }
    }
    state.SetItemsProcessed(state.iterations() * depth);
}

BENCHMARK_CAPTURE(serve, not_cached, "/plain");
BENCHMARK_CAPTURE(serve, hit, "/kept");
BENCHMARK_CAPTURE(serve, hit_by_id, "/kept/42");
BENCHMARK_CAPTURE(serve, hit_by_list, "/kept/list?page=2&page_size=20&status=active");

}  // namespace
}  // namespace brio::cache
