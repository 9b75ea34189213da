#include <brio/tasks/amqp_confirms.hpp>

#include <gmock/gmock.h>

namespace brio::tasks::amqp {
namespace {

using testing::ElementsAre;

/// Three of one call, the publishes 1 to 3 of their channel.
struct AmqpConfirms : testing::Test {
    AmqpConfirms() {
        for (std::size_t i = 0; i < 3; ++i) {
            unconfirmed.sent({.into = confirmations, .at = i, .queue = "q", .correlation_id = ids[i]});
        }
    }
    static constexpr const char* ids[] = {"a", "b", "c"};
    Confirmations confirmations{3};
    Unconfirmed unconfirmed;
};

TEST_F(AmqpConfirms, OneIsConfirmedForItselfInAnyOrder) {
    unconfirmed.confirmed(2, false, true);

    EXPECT_THAT(confirmations.is_confirmed, ElementsAre(false, true, false));
    EXPECT_EQ(confirmations.open, 2u);
    EXPECT_EQ(unconfirmed.size(), 2u);
}

TEST_F(AmqpConfirms, AllUpToOneAreConfirmedAtOnce) {
    unconfirmed.confirmed(1, false, false);
    unconfirmed.confirmed(2, true, true);

    EXPECT_THAT(confirmations.is_confirmed, ElementsAre(false, true, false));
    EXPECT_EQ(confirmations.open, 1u);
    EXPECT_EQ(unconfirmed.size(), 1u);
}

TEST_F(AmqpConfirms, OneThatIsRefusedIsKnownAndNotConfirmed) {
    unconfirmed.confirmed(3, true, false);

    EXPECT_THAT(confirmations.is_confirmed, ElementsAre(false, false, false));
    EXPECT_EQ(confirmations.open, 0u);
}

TEST_F(AmqpConfirms, OneThatCameBackIsNotConfirmedThoughTheServerSaysSo) {
    unconfirmed.returned("q", "b");
    unconfirmed.returned("other", "c");
    EXPECT_EQ(confirmations.open, 3u);
    unconfirmed.confirmed(3, true, true);

    EXPECT_THAT(confirmations.is_confirmed, ElementsAre(true, false, true));
    EXPECT_EQ(confirmations.open, 0u);
}

TEST_F(AmqpConfirms, OneThatIsKnownAlreadyIsNotCountedAgain) {
    unconfirmed.confirmed(2, false, true);
    unconfirmed.confirmed(2, false, false);
    unconfirmed.confirmed(9, false, true);

    EXPECT_THAT(confirmations.is_confirmed, ElementsAre(false, true, false));
    EXPECT_EQ(confirmations.open, 2u);
}

}  // namespace
}  // namespace brio::tasks::amqp
