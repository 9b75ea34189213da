#include <brio/tasks/memory_broker.hpp>

#include <brio/tasks/broker_conformance.hpp>

namespace brio::tasks::test {
namespace {

class OnMemory final : public BrokerUnderTest {
public:
    Broker& one() override { return one_; }
    Broker& other() override { return other_; }

private:
    MemoryStore store_;
    MemoryBroker one_{store_, clocks.clocks()};
    MemoryBroker other_{store_, clocks.clocks()};
};

INSTANTIATE_TEST_SUITE_P(Memory, BrokerConformance,
                         testing::Values(BrokerKind{"memory", [] { return std::make_unique<OnMemory>(); }}),
                         name_of_kind);

TEST(MemoryBroker, IsAwayWhenTheTestSaysSo) {
    runtime::Loop loop;
    MemoryStore store;
    MemoryBroker broker(store);
    store.is_away = true;
    EXPECT_THROW(runtime::run(loop, broker.status("a")), runtime::Unavailable);
    store.is_away = false;
    EXPECT_EQ(runtime::run(loop, broker.status("a")).state, State::unknown);
}

}  // namespace
}  // namespace brio::tasks::test
