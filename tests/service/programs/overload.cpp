// A program for tests of overload: routes that wait for a few slow threads, in every importance, one that
// waits for something the framework does not know, one that asks another service, one that waits for nothing.
#include <brio/app/app.hpp>
#include <brio/http/client.hpp>
#include <brio/http/offload.hpp>
#include <brio/http/parameters.hpp>
#include <brio/http/rate_limit.hpp>
#include <brio/runtime/awaitables.hpp>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>

namespace {

using namespace brio;
using namespace std::chrono_literals;
using http::Importance;

struct Done {
    std::uint64_t number;
};
std::atomic<std::uint64_t> done{0};

// With BRIO_OFFLOAD_THREADS=4: 200 a second.
Async<Done> work(http::Offload offload) {
    co_await offload([] { std::this_thread::sleep_for(20ms); });
    co_return Done{++done};
}

Async<Done> work_on(http::Body<Done> body, http::Offload offload) {
    co_await offload([] { std::this_thread::sleep_for(20ms); });
    co_return Done{body->number};
}

// Two at a time on each loop, 20 ms each, the others behind them: a queue of this program's own.
Async<Done> own_queue() {
    thread_local std::size_t at_work = 0;
    while (at_work >= 2) {
        co_await runtime::sleep_for(1ms);
    }
    ++at_work;
    struct Leave {
        ~Leave() { --at_work; }
    } const leave;
    co_await runtime::sleep_for(20ms);
    co_return Done{++done};
}

// What should be given away: 5 ms of the loop's own time.
Done compute() {
    auto const end = std::chrono::steady_clock::now() + 5ms;
    while (std::chrono::steady_clock::now() < end) {
    }
    return {++done};
}

Async<Done> ask(http::Outbound outbound) {
    auto const answer = co_await outbound.get(std::getenv("OF_DEPENDENCY"), {.timeout = 500ms});
    co_return answer.as<Done>();
}

Done other() { return {0}; }

void routes(http::Router& api) {
    api.get<"/work">(work);
    api.post<"/work">(work_on);
    api.get<"/critical">(work, {.importance = Importance::critical});
    api.get<"/sheddable">(work, {.importance = Importance::sheddable});
    api.get<"/own-queue">(own_queue);
    api.get<"/compute">(compute);
    api.get<"/other">(other);
}

}  // namespace

int main(int argc, char** argv) {
    http::Client client({.retry_budget = 0.1});
    auto app = App("overload");
    app.use(http::measure(), http::deadlines());
    if (const char* const requests = std::getenv("OF_REQUESTS_A_MINUTE")) {
        app.use(http::rate_limit({.count = std::strtoull(requests, nullptr, 10), .per = 60s}));
    }
    app.routes(routes);
    if (std::getenv("OF_DEPENDENCY") != nullptr) {
        app.service(client).routes([](http::Router& api) { api.get<"/ask">(ask); });
    }
    return app.run(argc, argv);
}
