#include <brio/json/required.hpp>

#include <map>

#include <gtest/gtest.h>

#include <brio/reflect/timestamp.hpp>

namespace brio::json {
namespace {

enum class Status { draft, active };
struct User {};
struct Inner {
    int value;
};
struct Mixed {
    Text<120, 1> name;
    Text<2000> description;
    Status status = Status::draft;
    Status other_status;
    int page = 1;
    int zero = 0;
    int number;
    bool flag = false;
    bool other_flag;
    double ratio = 0;
    std::optional<Id<User>> owner_id;
    Id<User> creator{1};
    Id<User> editor;
    std::string order = "name";
    std::string text;
    std::vector<int> list;
    std::map<std::string, int> map;
    Timestamp at;
    Inner inner;
    std::array<int, 2> array;
    std::string note = "";
    static constexpr std::array<std::string_view, 1> optional_fields{"note"};
};

template <class T>
std::string required_names() {
    std::string names;
    T value{};
    reflect::for_each_field(value, [&](auto index, std::string_view name, auto&) {
        if (is_required<T, index>) {
            names.append(name).append(" ");
        }
    });
    return names;
}

TEST(Required, AFieldWithADefaultOrANaturalNothingMayBeLeftOut) {
    EXPECT_EQ(required_names<Mixed>(), "name other_status number other_flag editor text at inner array ");
}

TEST(Required, HoldsForTheLastOfSixtyFourFieldsToo) {
    struct Wide {
        int a0, a1, a2, a3, a4, a5, a6, a7, b0, b1, b2, b3, b4, b5, b6, b7, c0, c1, c2, c3, c4, c5, c6, c7,
            d0, d1, d2, d3, d4, d5, d6, d7, e0, e1, e2, e3, e4, e5, e6, e7, f0, f1, f2, f3, f4, f5, f6, f7,
            g0, g1, g2, g3, g4, g5, g6, g7, h0, h1, h2, h3, h4, h5;
        int given = 0;
        int last;
    };
    const bool given = is_required<Wide, 62>;
    const bool last = is_required<Wide, 63>;
    EXPECT_FALSE(given);
    EXPECT_TRUE(last);
}

TEST(Required, ADefaultThatLooksLikeThePatternOfOneTrialIsFound) {
    struct Sly {
        unsigned char first = 0xA5;
        unsigned char second = 0x5A;
        unsigned char none;
    };
    EXPECT_EQ(required_names<Sly>(), "none ");
}

TEST(Required, AnEmptyStructHasNone) {
    struct Empty {};
    EXPECT_EQ(required_names<Empty>(), "");
}

}  // namespace
}  // namespace brio::json
