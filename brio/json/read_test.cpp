#include <brio/json/read.hpp>

#include <bit>
#include <cmath>
#include <map>
#include <variant>

#include <gtest/gtest.h>

#include <brio/base/random.hpp>
#include <brio/json/write.hpp>

namespace brio::json {
namespace {

enum class Status { draft, active, archived };
struct User {};
struct NewResource {
    Text<120, 1> name;
    Text<2000> description;
    Status status = Status::draft;
    std::optional<Id<User>> owner_id;
};
struct Node {
    std::string name;
    std::vector<Node> children;
};
struct Open {
    int known = 0;
    static constexpr bool open_object = true;
};
struct Money {
    std::int64_t cents = 0;
    bool operator==(const Money&) const = default;
};
struct All {
    bool yes = false;
    std::int8_t small = 0;
    std::uint64_t large = 0;
    double ratio = 0;
    float single = 0;
    std::string text;
    Status status = Status::draft;
    Id<User> id;
    Version version;
    Text<10> name;
    Timestamp at;
    Date day;
    Uuid uuid;
    Bytes bytes;
    std::optional<int> none;
    std::optional<std::vector<int>> some;
    std::array<int, 3> three{};
    std::map<std::string, Money> map;
    std::variant<std::int64_t, double, std::string, std::vector<int>, NewResource, bool> either;
    std::tuple<int, std::string> tuple;
    Raw raw;
};

}  // namespace
}  // namespace brio::json

template <>
struct brio::json::Codec<brio::json::Money> {
    using Wire = std::string;
    static Wire to_wire(const Money& money) { return std::to_string(money.cents) + "c"; }
    static std::expected<Money, std::string> from_wire(const Wire& text) {
        if (!text.ends_with('c')) {
            return std::unexpected("must be an amount like 250c");
        }
        return Money{std::stoll(text)};
    }
};

namespace brio::json {
namespace {

template <class T>
std::string error_of(std::string_view text, const ReadLimits& limits = {}) {
    const auto value = read<T>(text, limits);
    return value ? "" : describe(value.error());
}
template <class T>
ReadError::Kind kind_of(std::string_view text, const ReadLimits& limits = {}) {
    const auto value = read<T>(text, limits);
    EXPECT_FALSE(value.has_value());
    return value.error().kind;
}

TEST(Read, ABodyWithOnlyWhatIsRequired) {
    const auto body = read<NewResource>(R"({"name":"x"})");
    ASSERT_TRUE(body);
    EXPECT_EQ(body->name, "x");
    EXPECT_EQ(body->status, Status::draft);
    EXPECT_EQ(body->owner_id, std::nullopt);
}

TEST(Read, EveryKindOfFieldComesBackAsItWasWritten) {
    const std::string text =
        R"({"yes":true,"small":-128,"large":18446744073709551615,"ratio":0.1,"single":0.5,)"
        R"("text":"a\"\\\u20ac","status":"active",)"
        R"("id":9223372036854775807,"version":3,"name":"n","at":"2026-11-23T05:17:23.123456Z",)"
        R"("day":"2026-11-23",)"
        R"("uuid":"0192f3a4-5b6c-7d8e-9f01-23456789abcd","bytes":"Zm9v","none":null,"some":[1,2],)"
        R"("three":[1,2,3],)"
        R"("map":{"a":"1c","b":"2c"},"either":{"name":"x","description":"","status":"archived",)"
        R"("owner_id":7},"tuple":[1,"x"],)"
        R"("raw":{"any":[1, 2.50,"x"]}})";
    const auto value = read<All>(text);
    ASSERT_TRUE(value) << describe(value.error());
    EXPECT_EQ(to_string(*value), std::string(text).replace(text.find("\\u20ac"), 6, "\u20ac"));
}

TEST(Read, KeysComeInAnyOrderWithAnyEscapesAndWhiteSpace) {
    const auto body =
        read<NewResource>(" \r\n\t{ \"owner_id\" : 7 ,\"n\\u0061me\":\"x\"\n, \"status\" : \"archived\" } ");
    ASSERT_TRUE(body);
    EXPECT_EQ(body->name, "x");
    EXPECT_EQ(body->owner_id, Id<User>(7));
    EXPECT_EQ(body->status, Status::archived);
}

TEST(Read, EveryBadFieldIsListedWithItsPath) {
    const auto value = read<All>(
        R"({"yes":1,"small":128,"large":-1,"ratio":"x","text":null,"status":"gone","id":0,)"
        R"("version":1.0,"name":"12345678901",)"
        R"("at":"now","some":[1,"x",null],"three":[1,2],"map":{"a":"1c","b":2,"c":"2"},"either":null,)"
        R"("tuple":[1,2,3],"wrong":[1,{"a":2}],)"
        R"("day":"2026-02-30","uuid":"","bytes":"?"})");
    ASSERT_FALSE(value);
    EXPECT_EQ(value.error().kind, ReadError::Kind::invalid);
    const std::vector<FieldError> expected{
        {"yes", "must be true or false"},
        {"small", "must be an integer from -128 to 127"},
        {"large", "must be an integer from 0 to 18446744073709551615"},
        {"ratio", "must be a number"},
        {"text", "must be a string"},
        {"status", "must be one of draft, active, archived"},
        {"id", "must be a positive integer of at most 64 bits"},
        {"version", "must be an integer"},
        {"name", "must have at most 10 characters"},
        {"at", "must be a time like 2026-11-23T05:17:23Z"},
        {"some[1]", "must be an integer"},
        {"some[2]", "must be an integer"},
        {"three", "must have exactly 3 items"},
        {"map.b", "must be a string"},
        {"map.c", "must be an amount like 250c"},
        {"either", "must be true or false or a number or a string or an array or an object"},
        {"tuple[1]", "must be a string"},
        {"tuple", "must have exactly 2 items"},
        {"wrong", "is not a known field"},
        {"day", "must be a date like 2026-11-23"},
        {"uuid", "must be a UUID like 0192f3a4-5b6c-7d8e-9f01-23456789abcd"},
        {"bytes", "must be base64 with its padding"},
        {"raw", "is required"}};
    EXPECT_EQ(value.error().fields, expected);
}

TEST(Read, PathsGoThroughObjectsAndArrays) {
    EXPECT_EQ(
        error_of<Node>(R"({"name":"a","children":[{"name":"b","children":[{"name":"c"},{}]},{"name":1}]})"),
        "children[0].children[1].name: is required; children[1].name: must be a string");
    EXPECT_EQ(error_of<std::vector<int>>(R"([1,"x"])"), "[1]: must be an integer");
    EXPECT_EQ(error_of<int>(R"("x")"), "must be an integer");
}

TEST(Read, KeysGivenTwiceAreNamed) {
    EXPECT_EQ(error_of<NewResource>(R"({"name":"x","name":"y"})"), "name: is given twice");
    EXPECT_EQ(error_of<NewResource>(R"({"name":"x","na\u006de":"y"})"), "name: is given twice");
    EXPECT_EQ((error_of<std::map<std::string, int>>(R"({"a":1,"\u0061":2})")), "a: is given twice");
}

TEST(Read, UnknownKeysAreNamedUnlessTheStructIsOpen) {
    EXPECT_EQ(error_of<NewResource>(R"({"name":"x","Name":"y"})"), "Name: is not a known field");
    EXPECT_EQ(read<Open>(R"({"other":[1,{"known":3}],"known":2})")->known, 2);
    EXPECT_EQ(kind_of<Open>(R"({"other":[1,tru,],"known":2})"), ReadError::Kind::unparsable);
}

TEST(Read, AWrongByteInWhatIsSkippedIsUnparsableNotInvalid) {
    for (const auto text :
         {R"({"zz":[1,tru,]})", R"({"zz":01})", R"({"zz":"\x"})", "{\"zz\":\"\xFF\"}", R"({"name":1 2})",
          R"({"zz":{"a":}})", R"({"zz":1.})", R"({"zz":-})", R"({"zz":"\ud800"})", R"({"name":1}x)"}) {
        EXPECT_EQ(kind_of<NewResource>(text), ReadError::Kind::unparsable) << text;
    }
}

TEST(Read, TheOffsetOfTheFirstWrongByteIsTold) {
    EXPECT_EQ(read<Raw>("[1,2,x]").error().offset, 5U);
    EXPECT_EQ(read<Raw>("").error().offset, 0U);
    EXPECT_EQ(read<Raw>("[1] ]").error().offset, 4U);
    EXPECT_EQ(error_of<Raw>("[1,2,x]"), "is not JSON (at byte 5)");
}

TEST(Read, IntegersAreIntegerSyntaxAndExactOver64Bits) {
    EXPECT_EQ(read<std::int64_t>("9223372036854775807"), INT64_MAX);
    EXPECT_EQ(read<std::int64_t>("-9223372036854775808"), INT64_MIN);
    EXPECT_EQ(read<std::int64_t>("9007199254740993"), 9007199254740993);
    EXPECT_EQ(read<std::uint64_t>("18446744073709551615"), UINT64_MAX);
    EXPECT_EQ(read<int>("-0"), 0);
    for (const auto text : {"1.0", "1e3", "9223372036854775808", "-9223372036854775809",
                            "123456789012345678901234567890", "\"1\"", "true", "null", "[]"}) {
        EXPECT_EQ(kind_of<std::int64_t>(text), ReadError::Kind::invalid) << text;
    }
    EXPECT_EQ(kind_of<std::uint8_t>("256"), ReadError::Kind::invalid);
}

TEST(Read, NumbersAreFiniteAndTheNearestDouble) {
    EXPECT_EQ(read<double>("1e308"), 1e308);
    EXPECT_EQ(read<double>("123456789012345678901234567890"), 123456789012345678901234567890.0);
    EXPECT_TRUE(std::signbit(*read<double>("-0.0")));
    EXPECT_EQ(read<double>("2.2250738585072011e-308"), 2.2250738585072011e-308);
    EXPECT_EQ(read<double>("1e-400"), 0.0);
    EXPECT_EQ(error_of<double>("1e309"), "must be a number within the range of its type");
    EXPECT_EQ(error_of<float>("1e39"), "must be a number within the range of its type");
    EXPECT_EQ(read<float>("0.1"), 0.1F);
}

TEST(Read, StringsAreUnescapedAndSurrogatesMustPair) {
    EXPECT_EQ(read<std::string>(R"("\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\uD83D\uDE00")"),
              "\"\\/\b\f\n\r\tA\u00e9\u20ac\U0001F600");
    EXPECT_EQ(read<std::string>(R"("a\u0000b")"), std::string("a\0b", 3));
    for (const auto text : {R"("\ud800")", R"("\udc00")", R"("\ud800\u0041")", R"("\ud800x")", R"("\u12g4")",
                            R"("\u123")", R"("\a")", "\"a\nb\"", "\"\x1f\"", "\"\xC3\"", "\"\xED\xA0\x80\"",
                            "\"abc", "\"abc\\", "\"abc\\u12"}) {
        EXPECT_EQ(kind_of<std::string>(text), ReadError::Kind::unparsable) << text;
    }
    EXPECT_EQ((error_of<Text<10>>(R"("a\u0000b")")), "must not contain the character NUL");
}

TEST(Read, EveryStringReadsBackFromWhatWasWritten) {
    Random random(21);
    for (int i = 0; i < 5'000; ++i) {
        std::string text;
        for (std::uint64_t size = random.below(60); size > 0; --size) {
            constexpr std::string_view pieces[] = {"a",      "\"",         "\\", "\n",   "\u00e9",
                                                   "\u20ac", "\U0001F600", "/",  "\x7f", "bcdefgh"};
            text.append(random.below(12) < 10 ? pieces[random.below(10)] : std::string_view("\0", 1));
        }
        ASSERT_EQ(read<std::string>(to_string(text)), text);
    }
}

TEST(Read, EveryFiniteDoubleReadsBackFromWhatWasWritten) {
    Random random(22);
    for (int i = 0; i < 20'000; ++i) {
        const auto value = std::bit_cast<double>(random());
        if (std::isfinite(value)) {
            ASSERT_EQ(read<double>(to_string(value)), value);
        }
    }
    EXPECT_EQ(read<double>("5e-324"), 5e-324);
}

TEST(Read, NullIsNothingAndOnlyForOptionals) {
    EXPECT_EQ(read<std::optional<int>>("null").value(), std::nullopt);
    EXPECT_EQ(*read<std::optional<int>>("1"), 1);
    EXPECT_EQ(error_of<std::optional<int>>("\"x\""), "must be an integer or null");
    EXPECT_EQ(error_of<std::vector<int>>("null"), "must be an array");
}

TEST(Read, AVariantGoesByTheKindOfJson) {
    using Either = std::variant<double, std::int64_t, std::string, bool>;
    EXPECT_EQ(read<Either>("7")->index(), 1U);
    EXPECT_EQ(read<Either>("-7")->index(), 1U);
    EXPECT_EQ(read<Either>("7.0")->index(), 0U);
    EXPECT_EQ(read<Either>("7e0")->index(), 0U);
    EXPECT_EQ(read<Either>("\"7\"")->index(), 2U);
    EXPECT_EQ(read<Either>("true")->index(), 3U);
    EXPECT_EQ((read<std::variant<double, std::string>>("7")->index()), 0U);
    EXPECT_EQ((error_of<std::variant<int, std::string>>("1.5")), "must be an integer or a string");
}

TEST(Read, RawKeepsTheTextOfAnyCheckedValue) {
    EXPECT_EQ(read<Raw>(" {\"a\" : [1.50, null]} ")->text, "{\"a\" : [1.50, null]}");
    EXPECT_EQ(kind_of<Raw>("{\"a\":}"), ReadError::Kind::unparsable);
    EXPECT_EQ(read<std::vector<Raw>>("[ 1 ,\"x\" ]")->at(1).text, "\"x\"");
}

TEST(Read, AtMost32ErrorsAreListed) {
    std::string text = "[";
    for (int i = 0; i < 1000; ++i) {
        text += "\"x\",";
    }
    const auto value = read<std::vector<int>>(text + "0]");
    EXPECT_EQ(value.error().fields.size(), ReadError::most_fields);
    EXPECT_EQ(kind_of<std::vector<int>>(text + "]"), ReadError::Kind::unparsable);
}

TEST(Read, LongUnknownKeysAreCutBetweenCharacters) {
    std::string key;
    for (int i = 0; i < 1000; ++i) {
        key += "\u20ac";
    }
    const auto value = read<NewResource>("{\"" + key + "\":1,\"name\":\"x\"}");
    EXPECT_EQ(value.error().fields.at(0).path, key.substr(0, 63));
}

TEST(Read, DepthIsLimitedExactly) {
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    EXPECT_TRUE(read<Raw>(nested(32)));
    EXPECT_EQ(kind_of<Raw>(nested(33)), ReadError::Kind::too_deep);
    EXPECT_TRUE(read<Raw>(nested(1024), {.depth = 5000}));
    EXPECT_EQ(kind_of<Raw>(nested(1025), {.depth = 5000}), ReadError::Kind::too_deep);
    EXPECT_EQ(kind_of<Raw>(std::string(100'000, '[')), ReadError::Kind::too_deep);
    EXPECT_EQ(kind_of<Node>(R"({"name":"a","children":[{"name":"b","children":[]}]})", {.depth = 3}),
              ReadError::Kind::too_deep);
}

TEST(Read, SizeAndElementsAreLimited) {
    EXPECT_EQ(kind_of<Raw>("[1,2]", {.bytes = 4}), ReadError::Kind::too_large);
    EXPECT_TRUE(read<Raw>("[1,2]", {.bytes = 5}));
    EXPECT_EQ(kind_of<std::vector<int>>("[1,2]", {.elements = 1}), ReadError::Kind::too_large);
    EXPECT_TRUE(read<std::vector<int>>("[1,2]", {.elements = 2}));
    EXPECT_EQ((kind_of<std::map<std::string, int>>(R"({"a":1,"b":2})", {.elements = 1})),
              ReadError::Kind::too_large);
}

TEST(Read, TenMillionDigitsAreAnErrorOfOneField) {
    const std::string digits(10'000'000, '9');
    EXPECT_EQ(kind_of<std::int64_t>(digits), ReadError::Kind::invalid);
    EXPECT_EQ(kind_of<double>(digits), ReadError::Kind::invalid);
    EXPECT_EQ(kind_of<NewResource>("{\"zz\":" + digits + "}"), ReadError::Kind::invalid);
}

TEST(Read, AHundredThousandKeysAreRead) {
    std::string text = "{";
    for (int i = 0; i < 100'000; ++i) {
        text.append(i == 0 ? "\"k" : ",\"k").append(std::to_string(i)).append("\":1");
    }
    text += "}";
    EXPECT_EQ((read<std::map<std::string, int>>(text)->size()), 100'000U);
    EXPECT_EQ(read<NewResource>(text).error().fields.size(), ReadError::most_fields);
}

TEST(Read, TheTextMayEndAtTheEndOfItsMemory) {
    const std::string text =
        R"({"name":"libsimdjson-dev","description":"abcdefghijklmnopqrstuvwxyz","status":"active"})";
    for (std::size_t size = 0; size < text.size(); ++size) {
        const std::vector<char> exact(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_EQ(kind_of<NewResource>({exact.data(), exact.size()}), ReadError::Kind::unparsable) << size;
    }
}

}  // namespace
}  // namespace brio::json
