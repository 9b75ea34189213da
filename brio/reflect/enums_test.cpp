#include <brio/reflect/enums.hpp>

#include <cstdint>

#include <gtest/gtest.h>

enum class Global { here };

namespace brio::reflect {
namespace {

enum class Status { draft, active, archived };
enum class Sparse : std::uint8_t { first = 1, tenth = 10, last = 127, beyond = 128 };
enum Plain : int { red, green };
enum class Negative : int { minus = -1, zero = 0 };

TEST(Enums, NamesAreInTheOrderOfTheirValues) {
    EXPECT_EQ((enum_names<Status>), (std::array<std::string_view, 3>{"draft", "active", "archived"}));
    EXPECT_EQ((enum_names<Plain>), (std::array<std::string_view, 2>{"red", "green"}));
    EXPECT_EQ((enum_names<Global>), (std::array<std::string_view, 1>{"here"}));
}

TEST(Enums, GapsAreAllowedUpTo127) {
    EXPECT_EQ((enum_names<Sparse>), (std::array<std::string_view, 3>{"first", "tenth", "last"}));
    EXPECT_EQ(enum_name(Sparse::last), "last");
    EXPECT_EQ(enum_name(Sparse::beyond), "");
    EXPECT_EQ(enum_from_name<Sparse>("beyond"), std::nullopt);
}

TEST(Enums, EveryNameLeadsBackToItsValue) {
    for (const auto status : {Status::draft, Status::active, Status::archived}) {
        EXPECT_EQ(enum_from_name<Status>(enum_name(status)), status);
    }
}

TEST(Enums, OnlyWholeNamesInTheirCaseAreFound) {
    for (const auto name : {"", "Draft", "draf", "drafts", " draft", "0", "3", "(Status)3"}) {
        EXPECT_EQ(enum_from_name<Status>(name), std::nullopt) << name;
    }
}

TEST(Enums, AValueWithoutANameHasTheEmptyOne) {
    EXPECT_EQ(enum_name(static_cast<Status>(3)), "");
    EXPECT_EQ(enum_name(static_cast<Status>(-1)), "");
    EXPECT_EQ(enum_name(static_cast<Status>(1'000'000)), "");
    EXPECT_EQ(enum_name(Negative::minus), "");
    EXPECT_EQ(enum_name(Negative::zero), "zero");
}

TEST(Enums, LocalTypesWorkInAnyFunction) {
    enum class Local { x, y };
    EXPECT_EQ(enum_name(Local::y), "y");
    const auto name = [](int, char) {
        enum class Inner { one, two };
        return enum_name(Inner::two);
    };
    EXPECT_EQ(name(1, 'x'), "two");
}

}  // namespace
}  // namespace brio::reflect
