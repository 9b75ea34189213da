#include <brio/redis/command.hpp>

#include <gtest/gtest.h>

#include <brio/redis/script.hpp>

namespace brio::redis {
namespace {

std::string wire(const Command& command) {
    Buffer out;
    command.append_to(out);
    EXPECT_LE(out.size(), command.size());
    return std::string(out.view());
}

TEST(Command, IsAnArrayOfBulkStrings) {
    EXPECT_EQ(wire(Command("GET", "key")), "*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n");
}

TEST(Command, TakesAnyBytesAndNone) {
    using namespace std::string_view_literals;
    EXPECT_EQ(wire(Command("ECHO", "a\r\n\0"sv)), "*2\r\n$4\r\nECHO\r\n$4\r\na\r\n\0\r\n"sv);
    EXPECT_EQ(wire(Command("ECHO", "")), "*2\r\n$4\r\nECHO\r\n$0\r\n\r\n");
}

TEST(Command, WritesIntegersInDecimal) {
    EXPECT_EQ(wire(Command("PEXPIRE", "k", 300, std::int64_t{-1}, std::uint8_t{7})),
              "*5\r\n$7\r\nPEXPIRE\r\n$1\r\nk\r\n$3\r\n300\r\n$2\r\n-1\r\n$1\r\n7\r\n");
}

TEST(Command, GrowsByFurtherArguments) {
    Command command("DEL");
    for (int i = 0; i < 12; ++i) {
        command.add("k");
    }
    EXPECT_TRUE(wire(command).starts_with("*13\r\n$3\r\nDEL\r\n$1\r\nk\r\n"));
}

TEST(Script, IsNamedByItsSha1) {
    EXPECT_EQ(Script("return 1").hash(), "e0e1f9fabfc9d4800c877a703b823ac0578ff8db");
}

}  // namespace
}  // namespace brio::redis
