#include <brio/http/tracestate.hpp>

#include <gtest/gtest.h>

#include <string>

namespace brio::http {
namespace {

TEST(Tracestate, GoesOnWhereItIsPrintableAndNotLong) {
    EXPECT_TRUE(is_tracestate("congo=t61rcWkgMzE, rojo=00f067aa0ba902b7"));
    EXPECT_TRUE(is_tracestate(std::string(512, 'a')));
    EXPECT_FALSE(is_tracestate(std::string(513, 'a')));
    EXPECT_FALSE(is_tracestate("a=1\r\nX-Other: 2"));
    EXPECT_FALSE(is_tracestate("a=\xc3\xa9"));
}

}  // namespace
}  // namespace brio::http
