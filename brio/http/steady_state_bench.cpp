// What one request costs in user space, over an in-memory socket, and that it allocates nothing once warm.
//
// The counting operator new is this program's own. `allocations` is per request over the whole run; a number
// above zero on a path that is said to allocate nothing stops the benchmark with an error.
#include <brio/http/codings_harness.hpp>
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
    router.get<"/page">([page = test::json_of_size(4096)] {
        Response response;
        response.json(page);
        return response;
    });
}

struct Serving {
    bool may_allocate = false;
    bool compresses = false;
};

void serve(benchmark::State& state, std::string_view request, std::size_t depth, Serving serving = {}) {
    std::vector<Middleware> middlewares{measure(), deadlines()};
    if (serving.compresses) {
        middlewares.push_back(compress());
    }
    test::Wire wire(routes, {}, std::move(middlewares));
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
    if (made != 0 && !serving.may_allocate) {
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
BENCHMARK_CAPTURE(serve, not_found_pipelined_16, get_missing, 16, {.may_allocate = true});

constexpr std::string_view get_accepted =
    "GET /plain HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip, deflate, br\r\n\r\n";
constexpr std::string_view get_page = "GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n";
constexpr std::string_view get_coded_page =
    "GET /page HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip, deflate, br\r\n\r\n";
constexpr Serving compressing{.compresses = true};
constexpr Serving response_moves{.may_allocate = true};  // a Response by value has memory of its own
constexpr Serving compressing_response{.may_allocate = true, .compresses = true};

BENCHMARK_CAPTURE(serve, not_compressed_pipelined_16, get_plain, 16, compressing);
BENCHMARK_CAPTURE(serve, too_small_pipelined_16, get_accepted, 16, compressing);
BENCHMARK_CAPTURE(serve, page_of_4_kb, get_page, 1, response_moves);
BENCHMARK_CAPTURE(serve, page_of_4_kb_not_accepted, get_page, 1, compressing_response);
BENCHMARK_CAPTURE(serve, page_of_4_kb_in_gzip, get_coded_page, 1, compressing_response);

}  // namespace
}  // namespace brio::http
