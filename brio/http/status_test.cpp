#include <brio/http/status.hpp>

#include <gtest/gtest.h>

namespace brio::http {
namespace {

TEST(Status, EveryStatusOfTheContractHasItsPhrase) {
    EXPECT_EQ(reason_phrase(200), "OK");
    EXPECT_EQ(reason_phrase(414), "URI Too Long");
    EXPECT_EQ(reason_phrase(422), "Unprocessable Content");
    for (const int status : {400, 401, 403, 404, 405, 408, 409, 412, 413, 415, 417, 429, 431}) {
        EXPECT_NE(reason_phrase(status), "Client Error") << status;
    }
    for (const int status : {500, 501, 503, 505}) {
        EXPECT_NE(reason_phrase(status), "Server Error") << status;
    }
}

TEST(Status, OthersHaveThePhraseOfTheirClass) {
    EXPECT_EQ(reason_phrase(299), "Success");
    EXPECT_EQ(reason_phrase(499), "Client Error");
    EXPECT_EQ(reason_phrase(599), "Server Error");
    EXPECT_EQ(reason_phrase(0), "Unknown");
    EXPECT_EQ(reason_phrase(-1), "Unknown");
}

TEST(Status, InformationalNoContentAndNotModifiedHaveNoBody) {
    EXPECT_FALSE(may_have_body(100) || may_have_body(199) || may_have_body(204) || may_have_body(304));
    EXPECT_TRUE(may_have_body(200) && may_have_body(205) && may_have_body(404));
}

}  // namespace
}  // namespace brio::http
