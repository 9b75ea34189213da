#include <brio/reflect/parse_text.hpp>

#include <gtest/gtest.h>

#include <brio/reflect/date.hpp>
#include <brio/reflect/text.hpp>
#include <brio/reflect/timestamp.hpp>
#include <brio/reflect/uuid.hpp>

namespace brio::reflect {
namespace {

enum class Status { draft, active, archived };
struct Row {};

template <class T>
std::string error_of(std::string_view text) {
    const auto parsed = parse_text<T>(text);
    return parsed ? "" : parsed.error();
}

TEST(ParseText, IntegersReachExactlyTheirLimits) {
    EXPECT_EQ(parse_text<std::int8_t>("-128"), -128);
    EXPECT_EQ(parse_text<std::uint8_t>("255"), 255);
    EXPECT_EQ(parse_text<std::int64_t>("-9223372036854775808"), INT64_MIN);
    EXPECT_EQ(parse_text<std::int64_t>("9223372036854775807"), INT64_MAX);
    EXPECT_EQ(parse_text<std::uint64_t>("18446744073709551615"), UINT64_MAX);
    EXPECT_EQ(error_of<std::int8_t>("-129"), "must be an integer from -128 to 127");
    EXPECT_EQ(error_of<std::uint8_t>("256"), "must be an integer from 0 to 255");
    EXPECT_EQ(error_of<std::uint8_t>("-1"), "must be an integer from 0 to 255");
    EXPECT_EQ(error_of<std::int64_t>("9223372036854775808"),
              "must be an integer from -9223372036854775808 to 9223372036854775807");
    EXPECT_NE(error_of<std::uint64_t>("18446744073709551616"), "");
}

TEST(ParseText, OnlyDecimalDigitsAreAnInteger) {
    for (const auto text : {"", "-", "+1", " 1", "1 ", "1.0", "1e3", "0x10", "one", "1_000", "--1"}) {
        EXPECT_EQ(error_of<int>(text), "must be an integer") << text;
    }
}

TEST(ParseText, FloatingPointIsFinite) {
    EXPECT_EQ(parse_text<double>("-1.5e3"), -1500.0);
    EXPECT_EQ(parse_text<double>("0.1"), 0.1);
    for (const auto text : {"", "nan", "inf", "-inf", "1e400", "1,5", "0x1p3", "1.5 "}) {
        EXPECT_EQ(error_of<double>(text), "must be a number") << text;
    }
    EXPECT_EQ(error_of<float>("1e39"), "must be a number");
    const std::string zeros(400, '0');
    for (const auto& text : {std::string("1e-400"), std::string("-1E-99999999999999"), "0." + zeros + "1",
                             "1" + zeros + "e-1000"}) {
        EXPECT_EQ(parse_text<double>(text), 0.0) << text;
    }
    for (const auto& text :
         {std::string("1e+400"), std::string("1e99999999999999"), "1" + zeros, "0." + zeros + "1e1000"}) {
        EXPECT_EQ(error_of<double>(text), "must be a number") << text;
    }
}

TEST(ParseText, BoolsAreTrueFalseOneAndZero) {
    EXPECT_EQ(parse_text<bool>("true"), true);
    EXPECT_EQ(parse_text<bool>("1"), true);
    EXPECT_EQ(parse_text<bool>("false"), false);
    EXPECT_EQ(parse_text<bool>("0"), false);
    for (const auto text : {"", "TRUE", "yes", "2", "on"}) {
        EXPECT_EQ(error_of<bool>(text), "must be true or false") << text;
    }
}

TEST(ParseText, EnumeratorsAreNamedInTheError) {
    EXPECT_EQ(parse_text<Status>("active"), Status::active);
    EXPECT_EQ(error_of<Status>("activ"), "must be one of draft, active, archived");
}

TEST(ParseText, IdsArePositive) {
    EXPECT_EQ(parse_text<Id<Row>>("7"), Id<Row>(7));
    EXPECT_EQ(error_of<Id<Row>>("0"), "must be a positive integer of at most 64 bits");
    EXPECT_EQ(error_of<Id<Row>>("-0"), "must be a positive integer of at most 64 bits");
    EXPECT_EQ(error_of<Id<Row>>("-1"), "must be a positive integer of at most 64 bits");
    EXPECT_EQ(error_of<Id<Row>>("9223372036854775808"), "must be a positive integer of at most 64 bits");
    EXPECT_EQ(error_of<Id<Row>>("7;drop"), "must be an integer");
}

TEST(ParseText, OptionalsAndTypesThatParseThemselves) {
    EXPECT_EQ(parse_text<std::optional<int>>("7").value(), 7);
    EXPECT_EQ(error_of<std::optional<int>>(""), "must be an integer");
    EXPECT_EQ((parse_text<Text<3, 1>>("abc")->view()), "abc");
    EXPECT_EQ((error_of<Text<3, 1>>("")), "must have 1 to 3 characters");
    EXPECT_EQ(parse_text<Date>("1970-01-01"), Date(0));
    EXPECT_EQ(parse_text<Timestamp>("1970-01-01T00:00:00Z"), Timestamp(0));
    EXPECT_EQ(parse_text<Uuid>("00000000-0000-0000-0000-000000000000"), Uuid());
}

TEST(ParseText, StringsAreWellFormedUtf8) {
    EXPECT_EQ(parse_text<std::string>("\u20ac"), "\u20ac");
    EXPECT_EQ(error_of<std::string>("\xE2\x82"), "must be well-formed UTF-8");
}

}  // namespace
}  // namespace brio::reflect
