// What one request costs in user space, over an in-memory socket, and that it allocates nothing once warm.
//
// The counting operator new is this program's own. `allocations` is per request over the whole run; a number
// above zero on a path that is said to allocate nothing stops the benchmark with an error.
#include <brio/http/wire_harness.hpp>

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <new>

namespace {

std::uint64_t allocations = 0;

void* counted(std::size_t size) {
    ++allocations;
    if (auto* memory = std::malloc(size)) {
        return memory;
    }
    throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace brio::http {
namespace {

struct Greeting {
    std::int64_t id = 0;
    bool warm = true;
};

void routes(Router& router) {
    router.get<"/plain">([] { return Greeting{}; });
    router.get<"/async">([]() -> Async<Greeting> { co_return Greeting{}; });
    router.get<"/items/{id}">(
        [](Path<"id", std::int64_t> id) -> Async<Greeting> { co_return Greeting{*id}; });
    router.post<"/echo">([](Request request) {
        Response response;
        response.text(request.body());
        return response;
    });
}

void serve(benchmark::State& state, std::string_view request, std::size_t depth, bool may_allocate = false) {
    test::Wire wire(routes, {}, {measure(), deadlines()});
    auto const client = wire.connect();
    std::string batch;
    for (std::size_t i = 0; i < depth; ++i) {
        batch += request;
    }
    std::array<char, 64 * 1024> answers;
    auto const round = [&] {
        [[maybe_unused]] auto const sent = ::send(client, batch.data(), batch.size(), MSG_NOSIGNAL);
        wire.loop.turn(runtime::Nanoseconds::zero());
        return ::recv(client, answers.data(), answers.size(), 0);
    };
    for (int i = 0; i < 1000; ++i) {
        round();
    }
    auto const before = allocations;
    for (auto _ : state) {
        if (round() <= 0) {
            state.SkipWithError("no answer");
            break;
        }
    }
    auto const made = allocations - before;
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(depth));
    state.counters["allocations"] =
        static_cast<double>(made) / static_cast<double>(state.iterations() * depth);
    if (made != 0 && !may_allocate) {
        state.SkipWithError("a request on a warm connection allocated memory");
    }
}

constexpr std::string_view get_plain = "GET /plain HTTP/1.1\r\nHost: localhost\r\n\r\n";
constexpr std::string_view get_async = "GET /async HTTP/1.1\r\nHost: localhost\r\n\r\n";
constexpr std::string_view get_item = "GET /items/42 HTTP/1.1\r\nHost: localhost\r\n\r\n";
constexpr std::string_view get_missing = "GET /missing HTTP/1.1\r\nHost: localhost\r\n\r\n";

BENCHMARK_CAPTURE(serve, plain, get_plain, 1);
BENCHMARK_CAPTURE(serve, plain_pipelined_16, get_plain, 16);
BENCHMARK_CAPTURE(serve, coroutine_pipelined_16, get_async, 16);
BENCHMARK_CAPTURE(serve, path_parameter_pipelined_16, get_item, 16);
BENCHMARK_CAPTURE(serve, not_found_pipelined_16, get_missing, 16, true);

}  // namespace
}  // namespace brio::http
