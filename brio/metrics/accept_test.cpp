#include <brio/metrics/exposition.hpp>

#include <gtest/gtest.h>

namespace brio::metrics {

TEST(AcceptedExposition, PrometheusOwnHeaderGetsOpenMetrics) {
    EXPECT_EQ(
        accepted_exposition("application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;"
                            "version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"),
        Exposition::open_metrics);
}

TEST(AcceptedExposition, ABrowserOrNothingGetsText) {
    EXPECT_EQ(accepted_exposition(""), Exposition::prometheus);
    EXPECT_EQ(accepted_exposition("*/*"), Exposition::prometheus);
    EXPECT_EQ(accepted_exposition("text/html,application/xhtml+xml,*/*;q=0.8"), Exposition::prometheus);
}

TEST(AcceptedExposition, RespectsQualities) {
    EXPECT_EQ(accepted_exposition("application/openmetrics-text;q=0"), Exposition::prometheus);
    EXPECT_EQ(accepted_exposition("application/openmetrics-text; q=0.0, */*"), Exposition::prometheus);
    EXPECT_EQ(accepted_exposition("text/plain;q=0.5, application/openmetrics-text;q=0.4"),
              Exposition::prometheus);
    EXPECT_EQ(accepted_exposition("Text/Plain;q=0.5 , Application/OpenMetrics-Text ; Q=0.51"),
              Exposition::open_metrics);
    EXPECT_EQ(accepted_exposition("application/openmetrics-text;q=0.5x"), Exposition::prometheus);
}

TEST(AcceptedExposition, DoesNotGiveAVersionThatItDoesNotWrite) {
    EXPECT_EQ(accepted_exposition("application/openmetrics-text;version=2.0.0"), Exposition::prometheus);
    EXPECT_EQ(accepted_exposition("application/openmetrics-textual"), Exposition::prometheus);
}

}  // namespace brio::metrics
