// Values as bytes and back; what is not a value's bytes is refused, and costs no more than it is long.
#include <gtest/gtest.h>

#include <brio/base/random.hpp>
#include <brio/cache/codec.hpp>
#include <brio/db/test_model.hpp>

namespace brio::cache {

namespace {

enum class State { open, paid };
enum class LaterState { open, paid, gone };
struct Part {
    Text<20> name;
    std::optional<Decimal<8, 2>> price;
    friend bool operator==(const Part&, const Part&) = default;
};
struct Everything {
    bool flag = false;
    std::int8_t small = 0;
    std::uint64_t large = 0;
    std::int64_t number = 0;
    float ratio = 0;
    double weight = 0;
    State state = State::open;
    std::string text;
    Text<10, 1> name;
    Bytes data;
    Id<Part> id;
    Version version;
    Timestamp at;
    Date day;
    Decimal<10, 2> price;
    Uuid uuid;
    json::Raw raw;
    std::optional<std::optional<int>> maybe;
    std::vector<Part> parts;
    std::vector<bool> flags;
    std::array<int, 3> three{};
    std::map<std::string, std::vector<int>> by_name;
    std::set<int> some;
    std::pair<int, std::string> pair;
    std::tuple<int, bool> tuple;
    std::variant<std::monostate, int, std::string> either;
    friend bool operator==(const Everything&, const Everything&) = default;
};

Everything a_full_one() {
    return {.flag = true,
            .small = -128,
            .large = UINT64_MAX,
            .number = INT64_MIN,
            .ratio = 0.5F,
            .weight = -1e300,
            .state = State::paid,
            .text = std::string("a\0b", 3),
            .name = Text<10, 1>("né"),
            .data = Bytes(std::string("\0\xff", 2)),
            .id = Id<Part>(7),
            .version = Version(3),
            .at = Timestamp(-5),
            .day = Date(-1),
            .price = Decimal<10, 2>::of_units(-1250),
            .uuid = Uuid({1, 2, 3}),
            .raw = json::Raw(R"({"a":[1]})"),
            .maybe = std::optional<int>(4),
            .parts = {{Text<20>("x"), Decimal<8, 2>::of_units(1)}, {Text<20>("y"), std::nullopt}},
            .flags = {true, false, true},
            .three = {1, -2, 3},
            .by_name = {{"a", {1, 2}}, {"b", {}}},
            .some = {3, 1},
            .pair = {1, "p"},
            .tuple = {-1, true},
            .either = "text"};
}

template <class T>
std::string bytes_of(const T& value) {
    Buffer out;
    encode(out, value);
    return std::string(out.view());
}

TEST(Codec, GivesBackWhatItWasGiven) {
    EXPECT_EQ(decode<Everything>(bytes_of(a_full_one())), a_full_one());
    EXPECT_EQ(decode<Everything>(bytes_of(Everything{})), Everything{});
}

TEST(Codec, RowsWithTheirRelationsComeBackWhole) {
    using Row = sql::With<db::test::User, db::test::owned>;
    Row row;
    row.row = {Id<db::test::User>(1), Text<254, 3>("ann@example.org"), Text<120, 1>("Ann")};
    std::get<0>(row.related).push_back({.id = Id<db::test::Resource>(2), .name = Text<120, 1>("r")});
    const auto back = decode<Row>(bytes_of(row));
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(back->row.email, "ann@example.org");
    ASSERT_EQ(back->get<db::test::owned>().size(), 1);
    EXPECT_EQ(back->get<db::test::owned>()[0].id.value, 2);
}

TEST(Codec, WhatIsCutOffAnywhereIsNoValue) {
    const std::string whole = bytes_of(a_full_one());
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_FALSE(decode<Everything>(std::string_view(whole).substr(0, size)).has_value()) << size;
    }
    EXPECT_FALSE(decode<Everything>(whole + '\0').has_value());
}

TEST(Codec, RandomChangesNeverDoHarm) {
    Random random(1);
    const std::string whole = bytes_of(a_full_one());
    for (int i = 0; i < 20'000; ++i) {
        std::string changed = whole;
        for (auto n = random.below(4); n > 0; --n) {
            changed[random.below(changed.size())] = static_cast<char>(random.below(256));
        }
        if (const auto value = decode<Everything>(changed)) {
            EXPECT_EQ(decode<Everything>(bytes_of(*value)).has_value(), true);
        }
    }
}

TEST(Codec, AListIsNoLongerThanItsBytesAllow) {
    Buffer out;
    write_number(out, 1'000'000'000'000);
    out.append(std::string(1000, '\0'));
    EXPECT_FALSE(decode<std::vector<Everything>>(out.view()).has_value());
    EXPECT_FALSE(decode<std::vector<bool>>(out.view()).has_value());
    EXPECT_FALSE(decode<std::string>(out.view()).has_value());
}

struct Node {
    std::vector<Node> children;
};

TEST(Codec, DepthIsBounded) {
    std::string deep(1000, '\1');
    deep += '\0';
    EXPECT_FALSE(decode<Node>(deep).has_value());
    EXPECT_TRUE(decode<Node>(std::string_view("\1\1\0", 3)).has_value());
}

TEST(Codec, ValuesThatTheirTypesCannotHoldAreRefused) {
    EXPECT_FALSE(decode<bool>("\2").has_value());
    EXPECT_FALSE(decode<State>("\2").has_value());
    EXPECT_FALSE(decode<std::uint8_t>("\x80\x02").has_value());
    EXPECT_FALSE((decode<Decimal<4, 2>>(bytes_of(std::int64_t{10'000})).has_value()));
    EXPECT_FALSE(decode<Text<10>>(bytes_of(std::string("\xff"))).has_value());
    EXPECT_FALSE(decode<json::Raw>(bytes_of(std::string("{"))).has_value());
    EXPECT_FALSE(decode<std::uint64_t>(std::string_view("\x80\0", 2)).has_value())
        << "two forms of one number";
}

struct Before {
    int a;
    std::string b;
};
struct Renamed {
    int a;
    std::string c;
};
struct Widened {
    std::int64_t a;
    std::string b;
};
struct Same {
    int a;
    std::string b;
};

TEST(Codec, TheFingerprintIsOfNamesAndTypesOfFields) {
    EXPECT_EQ(type_fingerprint<Before>(), type_fingerprint<Same>());
    EXPECT_NE(type_fingerprint<Before>(), type_fingerprint<Renamed>());
    EXPECT_NE(type_fingerprint<Before>(), type_fingerprint<Widened>());
    EXPECT_NE(type_fingerprint<State>(), type_fingerprint<LaterState>());
    EXPECT_NE((type_fingerprint<Text<10>>()), (type_fingerprint<Text<11>>()));
    EXPECT_NE((type_fingerprint<std::vector<int>>()), (type_fingerprint<std::optional<int>>()));
    EXPECT_NE((type_fingerprint<Decimal<4, 2>>()), (type_fingerprint<Decimal<4, 1>>()));
    EXPECT_NE(type_fingerprint<Node>(), 0);
}

}  // namespace

}  // namespace brio::cache
