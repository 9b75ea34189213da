#include <brio/http/event.hpp>

#include <gtest/gtest.h>

namespace brio::http {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;

std::string encoded(const Event& event) {
    Buffer out;
    append_event(out, event);
    return std::string(out.view());
}

TEST(Event, HasAFieldALineAndEndsWithAnEmptyOne) {
    EXPECT_EQ(encoded({.event = "changed", .data = "{}", .id = "7", .retry = 2s}),
              "event: changed\nid: 7\nretry: 2000\ndata: {}\n\n");
    EXPECT_EQ(encoded({.data = "x"}), "data: x\n\n");
}

TEST(Event, EveryLineOfItsDataIsAFieldHoweverItEnds) {
    EXPECT_EQ(encoded({.data = "a\nb\r\nc\rd"}), "data: a\ndata: b\ndata: c\ndata: d\n\n");
    EXPECT_EQ(encoded({.data = "\n"}), "data: \ndata: \n\n");
}

TEST(Event, WithoutDataIsStillAnEvent) { EXPECT_EQ(encoded({.event = "ping"}), "event: ping\ndata: \n\n"); }

TEST(Event, AnIdOrATypeCannotMakeAnotherField) {
    EXPECT_EQ(encoded({.event = "a\ndata: forged", .data = "true", .id = "1\r\n\r\nid: 2\0"sv}),
              "event: adata: forged\nid: 1id: 2\ndata: true\n\n");
}

TEST(Event, ACommentIsIgnoredLineByLine) {
    Buffer out;
    append_comment(out, "still\nhere");
    EXPECT_EQ(out.view(), ": still\n: here\n\n");
}

}  // namespace
}  // namespace brio::http
