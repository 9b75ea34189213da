#include <brio/json/write.hpp>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <span>
#include <unordered_map>
#include <variant>

#include <gtest/gtest.h>

#include <brio/base/random.hpp>
#include <brio/reflect/utf8.hpp>

namespace brio::json {
namespace {

enum class Status { draft, active };
struct Money {
    std::int64_t cents = 0;
};
struct Shouted {
    std::string text;
};
struct Point {
    int x = 0;
    int y = 0;
};
struct Empty {};
struct All {
    bool yes = true;
    std::int8_t small = -128;
    std::uint64_t large = UINT64_MAX;
    double ratio = 0.1;
    std::string text = "a\"b";
    Status status = Status::active;
    Id<Point> id{7};
    Version version{3};
    Text<10> name{"name"};
    Timestamp at{0};
    Date day{1};
    Uuid uuid;
    Bytes bytes{"foo"};
    std::optional<int> none;
    std::optional<std::string> some = "some";
    std::vector<Point> points{{1, 2}, {3, 4}};
    std::array<bool, 2> pair{true, false};
    std::map<std::string, int> map{{"a", 1}, {"b", 2}};
    std::variant<int, std::string> either = "text";
    std::tuple<int, std::string, Empty> tuple{1, "x", {}};
    Raw raw{R"([1, 2])"};
    Point point{5, 6};
};

}  // namespace
}  // namespace brio::json

template <>
struct brio::json::Codec<brio::json::Money> {
    using Wire = std::string;
    static Wire to_wire(const Money& money) { return std::to_string(money.cents) + " cents"; }
    static std::expected<Money, std::string> from_wire(const Wire&) { return Money{}; }
};
template <>
struct brio::json::Codec<brio::json::Shouted> {
    static void write(Buffer& out, const Shouted& value) {
        out.append("\"!");
        out.append(value.text);
        out.push_back('"');
    }
};

namespace brio::json {
namespace {

TEST(Write, EveryWholeNumberHasItsDigitsAndNoMore) {
    std::uint64_t power = 1;
    for (int digits = 0; digits < 20; ++digits, power *= 10) {
        for (auto const value : {power - 1, power, power + 1}) {
            EXPECT_EQ(to_string(value), std::to_string(value));
        }
    }
    EXPECT_EQ(to_string(INT64_MIN), "-9223372036854775808");
}

TEST(Write, AByteThatIsEscapedIsFoundWhereverItStands) {
    for (std::size_t size = 1; size < 40; ++size) {
        for (std::size_t at = 0; at < size; ++at) {
            std::string text(size, 'x');
            auto const with = [&](std::string_view put, std::string_view written) {
                auto const changed = text.substr(0, at) + std::string(put) + text.substr(at + 1);
                auto const expected = text.substr(0, at) + std::string(written) + text.substr(at + 1);
                EXPECT_EQ(to_string(changed), "\"" + expected + "\"");
                Buffer out;
                write_valid_string(out, changed);
                EXPECT_EQ(out.view(), "\"" + expected + "\"");
            };
            with("\"", "\\\"");
            with("\\", "\\\\");
            with("\x1f", "\\u001f");
            with("\x20", "\x20");
            with("!", "!");
            with("\x7f", "\x7f");
            with("\u00e9", "\u00e9");
        }
    }
}

TEST(Write, EveryKindOfFieldInTheOrderOfTheFields) {
    EXPECT_EQ(
        to_string(All()),
        R"({"yes":true,"small":-128,"large":18446744073709551615,"ratio":0.1,"text":"a\"b",)"
        R"("status":"active","id":7,)"
        R"("version":3,"name":"name","at":"1970-01-01T00:00:00.000000Z","day":"1970-01-02",)"
        R"("uuid":"00000000-0000-0000-0000-000000000000","bytes":"Zm9v","none":null,"some":"some",)"
        R"("points":[{"x":1,"y":2},{"x":3,"y":4}],"pair":[true,false],"map":{"a":1,"b":2},"either":"text",)"
        R"("tuple":[1,"x",{}],"raw":[1, 2],"point":{"x":5,"y":6}})");
}

TEST(Write, EmptyContainersHaveTheirBrackets) {
    EXPECT_EQ(to_string(std::vector<int>()), "[]");
    EXPECT_EQ(to_string(std::map<std::string, int>()), "{}");
    EXPECT_EQ(to_string(std::tuple<>()), "[]");
    EXPECT_EQ(to_string(Empty()), "{}");
    EXPECT_EQ(to_string(std::vector<bool>{true, false}), "[true,false]");
}

TEST(Write, IntegersReachTheirLimits) {
    EXPECT_EQ(to_string(INT64_MIN), "-9223372036854775808");
    EXPECT_EQ(to_string(INT64_MAX), "9223372036854775807");
    EXPECT_EQ(to_string(UINT64_MAX), "18446744073709551615");
    EXPECT_EQ(to_string(0), "0");
    Random random(11);
    for (int i = 0; i < 20'000; ++i) {
        const auto value = static_cast<std::int64_t>(random() >> random.below(64));
        ASSERT_EQ(to_string(value), std::to_string(value));
    }
}

TEST(Write, FloatingPointReadsBackTheSameAndInfinitiesAreNull) {
    Random random(12);
    for (int i = 0; i < 20'000; ++i) {
        const auto value = std::bit_cast<double>(random());
        const auto text = to_string(value);
        if (std::isfinite(value)) {
            ASSERT_EQ(std::strtod(text.c_str(), nullptr), value) << text;
        } else {
            ASSERT_EQ(text, "null");
        }
    }
    EXPECT_EQ(to_string(-0.0), "-0");
    EXPECT_EQ(to_string(1e308), "1e+308");
    EXPECT_EQ(to_string(0.1F), "0.1");
    EXPECT_EQ(to_string(-std::numeric_limits<double>::denorm_min()), "-5e-324");
    EXPECT_EQ(to_string(std::nan("")), "null");
    EXPECT_EQ(to_string(-std::numeric_limits<float>::infinity()), "null");
}

TEST(Write, ControlCharactersQuotesAndBackslashesAreEscaped) {
    EXPECT_EQ(to_string(std::string_view("\0\x01\b\t\n\v\f\r\x1f \"\\/\x7f", 14)),
              R"("\u0000\u0001\b\t\n\u000b\f\r\u001f \"\\/)"
              "\x7f\"");
}

TEST(Write, AnEscapeIsFoundAtEveryPlaceOfALongString) {
    for (std::size_t size = 1; size < 70; ++size) {
        for (std::size_t at = 0; at < size; ++at) {
            std::string text(size, 'a');
            text[at] = '\n';
            auto expected = text;
            expected.replace(at, 1, "\\n");
            Buffer out;
            write_string(out, text);
            write_valid_string(out, text);
            ASSERT_EQ(out.view(), '"' + expected + "\"\"" + expected + '"');
        }
    }
}

TEST(Write, BytesThatAreNoUtf8BecomeTheReplacementCharacter) {
    EXPECT_EQ(to_string(std::string("a\xFF") + "b"),
              "\"a\xEF\xBF\xBD"
              "b\"");
    EXPECT_EQ(to_string(std::string("\xE2\x82")), "\"\xEF\xBF\xBD\"");
    EXPECT_EQ(to_string(std::string("\xED\xA0\x80\n")), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\\n\"");
    EXPECT_EQ(to_string(std::string("\u00e9\u20ac\U0001F600")), "\"\u00e9\u20ac\U0001F600\"");
}

TEST(Write, WhateverTheBytesTheOutputIsUtf8) {
    Random random(13);
    for (int i = 0; i < 5'000; ++i) {
        std::string bytes(random.below(40), '\0');
        for (char& byte : bytes) {
            byte = static_cast<char>(random());
        }
        ASSERT_TRUE(reflect::is_utf8(to_string(bytes)));
    }
}

TEST(Write, KeysOfMapsAreEscapedAndLiteralsAreStrings) {
    EXPECT_EQ(to_string(std::unordered_map<std::string, int>{{"a\"", 1}}), R"({"a\"":1})");
    Buffer out;
    write(out, "literal");
    const char* pointer = "pointer";
    write(out, pointer);
    EXPECT_EQ(out.view(), R"("literal""pointer")");
}

TEST(Write, ATypeWithACodecIsWrittenByIt) {
    EXPECT_EQ(to_string(Money{250}), R"("250 cents")");
    EXPECT_EQ(to_string(std::vector<Shouted>{{"hey"}, {"you"}}), R"(["!hey","!you"])");
    EXPECT_EQ(to_string(std::optional(Money{1})), R"("1 cents")");
}

TEST(Write, AValueThatIsNoEnumeratorIsNull) { EXPECT_EQ(to_string(static_cast<Status>(9)), "null"); }

TEST(Write, SpansAndNestedOptionals) {
    const std::vector<int> numbers{1, 2, 3};
    EXPECT_EQ(to_string(std::span(numbers).subspan(1)), "[2,3]");
    EXPECT_EQ(to_string(std::optional<std::optional<int>>(std::in_place)), "null");
}

TEST(Write, AppendsToWhatIsThere) {
    Buffer out;
    out.append("x");
    write_key(out, "k");
    write_integer(out, -1);
    write_unsigned(out, 1);
    write_number(out, 0.5);
    EXPECT_EQ(out.view(), "x\"k\":-110.5");
}

}  // namespace
}  // namespace brio::json
