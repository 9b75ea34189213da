#include <brio/base/shared_memory.hpp>
#include <brio/http/wire_harness.hpp>
#include <brio/ledger/black_box.hpp>
#include <brio/metrics/value_harness.hpp>

#include <gtest/gtest.h>

namespace brio::http {
namespace {

using namespace std::chrono_literals;

void routes(Router& router) {
    router.get<"/slow">(+[] { return std::string("done"); }, {.goal = 1ns});
}

TEST(SlowRequests, EachIsKeptOrDroppedOnce) {
    SharedMemory<ledger::BlackBox::Slots> slots;
    test::Wire wire(routes);
    ledger::RequestMetrics metrics(wire.registry);
    ledger::BlackBox box(*slots, wire.registry);
    wire.on_loop.reset();
    wire.server = std::make_unique<Server>(ServerOptions{}, Server::Parts{.router = wire.router,
                                                                          .services = wire.services,
                                                                          .registry = wire.registry,
                                                                          .metrics = &metrics,
                                                                          .middlewares = {measure()},
                                                                          .black_box = &box});
    wire.on_loop = std::make_unique<ServerLoop>(*wire.server, wire.loop, wire.registry.here(), -1);
    constexpr std::uint64_t asked = 4 * ledger::BlackBox::most_a_second;
    for (std::uint64_t i = 0; i < asked; ++i) {
        wire.ask("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    const auto dropped = metrics::test::value_of(wire.registry, "black_box_dropped_total").value_or(0);
    EXPECT_GT(dropped, 0);
    EXPECT_EQ(static_cast<double>(box.kept()) + dropped, asked);
}

}  // namespace
}  // namespace brio::http
