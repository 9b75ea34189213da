#include <brio/reflect/fields.hpp>

#include <any>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include <brio/reflect/members.hpp>
#include <brio/reflect/text.hpp>

namespace brio::reflect {
namespace {

struct Point {
    int x, y;
};
struct Everything {
    int number;
    Point nested;
    std::array<int, 3> three;
    std::optional<int> maybe;
    std::string text = "given";
    std::vector<Point> points;
    std::map<std::string, int> counts;
    std::unique_ptr<int> move_only;
    std::variant<int, std::string> either;
    std::function<void()> call;
    std::string_view view;
    std::any whatever;
    Text<10, 1> checked;
    const char* pointer = nullptr;
};
struct Empty {};
struct NoDefault {
    explicit NoDefault(int number) : value(number) {}
    int value;
};
struct HoldsNoDefault {
    NoDefault strict;
    std::unique_ptr<int> owned;
};
struct EndsWithNoDefault {
    int before;
    NoDefault strict;
    int after = 1;
};
struct OnlyNested {
    Point point;
};
struct OnlyOptional {
    std::optional<std::optional<int>> value;
};
struct Base {
    int base;
};
struct Derived : Base {
    int derived;
};
struct EmptyBase {};
struct DerivedOfEmpty : EmptyBase {
    int derived;
};
struct WithArray {
    int before;
    int values[3];
    int after;
};
struct WithReference {
    int before;
    int& reference;
};
class Private {
public:
    int open = 0;

private:
    [[maybe_unused]] int closed_ = 0;
};
template <class T>
struct Generic {
    T first;
    std::vector<T> rest;
};
struct Wide {
    int a0, a1, a2, a3, a4, a5, a6, a7, b0, b1, b2, b3, b4, b5, b6, b7, c0, c1, c2, c3, c4, c5, c6, c7, d0,
        d1, d2, d3, d4, d5, d6, d7, e0, e1, e2, e3, e4, e5, e6, e7, f0, f1, f2, f3, f4, f5, f6, f7, g0, g1,
        g2, g3, g4, g5, g6, g7, h0, h1, h2, h3, h4, h5, h6, h7;
};
struct Recursive {
    std::string name;
    std::vector<Recursive> children;
};
struct TooWide {
    std::string a0, a1, a2, a3, a4, a5, a6, a7, b0, b1, b2, b3, b4, b5, b6, b7, c0, c1, c2, c3, c4, c5, c6,
        c7, d0, d1, d2, d3, d4, d5, d6, d7, e0, e1, e2, e3, e4, e5, e6, e7, f0, f1, f2, f3, f4, f5, f6, f7,
        g0, g1, g2, g3, g4, g5, g6, g7, h0, h1, h2, h3, h4, h5, h6, h7, one_more;
};

TEST(Fields, EachFieldCountsOnceWhateverItsType) {
    EXPECT_EQ(field_count<Everything>, 14U);
    EXPECT_EQ(field_count<OnlyNested>, 1U);
    EXPECT_EQ(field_count<OnlyOptional>, 1U);
    EXPECT_EQ(field_count<Empty>, 0U);
    EXPECT_EQ(field_count<HoldsNoDefault>, 2U);
    EXPECT_EQ(field_count<EndsWithNoDefault>, 3U);
    EXPECT_EQ(field_count<Recursive>, 2U);
}

TEST(Fields, SixtyFourFieldsAreReached) {
    EXPECT_EQ(field_count<Wide>, 64U);
    EXPECT_EQ(field_names<Wide>[63], "h7");
    Wide wide{};
    int next = 0;
    for_each_field(wide, [&](auto, std::string_view, int& field) { field = next++; });
    EXPECT_EQ(wide.a0, 0);
    EXPECT_EQ(wide.h7, 63);
}

TEST(Fields, NamesAreThoseOfTheSource) {
    const std::array<std::string_view, 14> names{"number", "nested",   "three",     "maybe",  "text",
                                                 "points", "counts",   "move_only", "either", "call",
                                                 "view",   "whatever", "checked",   "pointer"};
    EXPECT_EQ(field_names<Everything>, names);
    EXPECT_EQ((field_names<HoldsNoDefault>), (std::array<std::string_view, 2>{"strict", "owned"}));
}

TEST(Fields, NamesOfLocalAndTemplateTypesAreFound) {
    struct Local {
        int first;
        std::string second;
    };
    EXPECT_EQ(field_names<Local>[1], "second");
    EXPECT_EQ((field_names<Generic<Generic<Local>>>[1]), "rest");
    EXPECT_EQ((field_names<Generic<std::pair<int, char>>>[0]), "first");
}

TEST(Fields, ReferencesLeadToTheObject) {
    Everything value{};
    std::get<0>(tie(value)) = 7;
    for_each_field(value, [](auto index, std::string_view name, auto& field) {
        if constexpr (index == 4) {
            EXPECT_EQ(name, "text");
            field += "!";
        }
    });
    EXPECT_EQ(value.number, 7);
    EXPECT_EQ(value.text, "given!");
    static_assert(std::is_same_v<field_t<Everything, 4>, std::string>);
    static_assert(std::is_same_v<field_t<const Everything, 7>, std::unique_ptr<int>>);
}

TEST(Fields, AConstObjectGivesConstReferences) {
    const Point point{1, 2};
    static_assert(std::is_same_v<decltype(tie(point)), std::tuple<const int&, const int&>>);
    int sum = 0;
    for_each_field(point, [&](auto, std::string_view, const int& field) { sum += field; });
    EXPECT_EQ(sum, 3);
}

TEST(Fields, OnlyPlainAggregatesAreDescribed) {
    EXPECT_TRUE(Described<Everything> && Described<Empty> && Described<HoldsNoDefault> &&
                Described<Generic<int>>);
    EXPECT_FALSE(Described<Derived>);
    EXPECT_FALSE(Described<DerivedOfEmpty>);
    EXPECT_FALSE(Described<WithArray>);
    EXPECT_FALSE(Described<WithReference>);
    EXPECT_FALSE(Described<Private>);
    EXPECT_FALSE(Described<TooWide>);
    EXPECT_FALSE((Described<std::array<int, 2>>));
    EXPECT_FALSE(Described<int> || Described<std::string> || Described<std::vector<int>>);
    EXPECT_FALSE((Described<Text<10>>));
}

TEST(Fields, IndexOfANameOrTheCount) {
    EXPECT_EQ(field_index<Everything>("points"), 5U);
    EXPECT_EQ(field_index<Everything>("point"), 14U);
    EXPECT_EQ(field_index<Empty>(""), 0U);
}

TEST(Members, NameIndexOwnerAndType) {
    static_assert(member_name<&Everything::points>() == "points");
    static_assert(member_index<&Everything::points>() == 5);
    static_assert(std::is_same_v<member_owner_t<&Point::y>, Point>);
    static_assert(std::is_same_v<member_type_t<&Everything::maybe>, std::optional<int>>);
    EXPECT_EQ((member_name<&Generic<int>::rest>()), "rest");
}

TEST(Members, AreTheSameOnlyAsThemselves) {
    EXPECT_TRUE((same_member<&Point::x, &Point::x>()));
    EXPECT_FALSE((same_member<&Point::x, &Point::y>()));
    EXPECT_FALSE((same_member<&Point::x, &Everything::text>()));
}

}  // namespace
}  // namespace brio::reflect
