// Keys: equal values share one, different ones never do (T-C2).
#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>
#include <unordered_map>

#include <brio/base/random.hpp>
#include <brio/base/text.hpp>
#include <brio/cache/key.hpp>

namespace brio::cache {

namespace {

enum class Colour { red, green };
enum class Other { red, blue };
struct Point {
    int x;
    int y;
};
struct Turned {
    int y;
    int x;
};
struct Filter {
    std::optional<std::string> name;
    std::vector<int> sizes;
    Colour colour = Colour::red;
    friend bool operator==(const Filter&, const Filter&) = default;
};

template <class... Parts>
std::string key_of(const Parts&... parts) {
    return Key::of(parts...).bytes();
}

TEST(Key, ValuesOfDifferentTypesDiffer) {
    const std::vector<std::string> keys{key_of(1),
                                        key_of("1"),
                                        key_of(true),
                                        key_of(1.0),
                                        key_of(std::optional<int>()),
                                        key_of(std::optional<int>(1)),
                                        key_of(std::optional<std::optional<int>>(std::in_place)),
                                        key_of(""),
                                        key_of(),
                                        key_of(std::vector<int>()),
                                        key_of(std::vector<int>{1}),
                                        key_of(std::array<int, 0>(), std::array<int, 0>()),
                                        key_of(Id<Point>(1)),
                                        key_of(Version(1)),
                                        key_of(Timestamp(1)),
                                        key_of(Date(1)),
                                        key_of(Decimal<4, 2>::of_units(1)),
                                        key_of(Decimal<4, 1>::of_units(1)),
                                        key_of(Uuid()),
                                        key_of(Bytes("1")),
                                        key_of(json::Raw("1")),
                                        key_of(Colour::red),
                                        key_of(Colour::green),
                                        key_of("red"),
                                        key_of(std::tuple(1)),
                                        key_of(Point{1, 2}),
                                        key_of(Turned{1, 2}),
                                        key_of(std::variant<int, std::string>(1)),
                                        key_of(std::variant<std::string, int>(1)),
                                        key_of(std::map<int, int>{{1, 1}})};
    for (std::size_t i = 0; i < keys.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            EXPECT_NE(keys[i], keys[j]) << i << " and " << j;
        }
    }
}

TEST(Key, TheBordersBetweenValuesCount) {
    EXPECT_NE(key_of("ab", "c"), key_of("a", "bc"));
    EXPECT_NE(key_of("ab", ""), key_of("", "ab"));
    EXPECT_NE(key_of(std::vector<int>{1, 2}, std::vector<int>{}),
              key_of(std::vector<int>{1}, std::vector<int>{2}));
    EXPECT_NE(key_of(std::vector<std::vector<int>>{{1}, {}}), key_of(std::vector<std::vector<int>>{{}, {1}}));
    EXPECT_NE(key_of(1, 2), key_of(2, 1));
    EXPECT_NE(key_of(std::tuple(1, std::tuple(2, 3))), key_of(std::tuple(std::tuple(1, 2), 3)));
    EXPECT_NE(key_of(std::optional<int>(), 1), key_of(std::optional(1), std::optional<int>()));
    // The text of one key within another.
    EXPECT_NE(key_of(std::string_view(key_of(1))), key_of(1));
    EXPECT_NE(key_of(std::string("a\0b", 3)), key_of("a"));
}

TEST(Key, IntegersAreOfOneTypeWhateverTheirWidth) {
    EXPECT_EQ(key_of(std::int8_t(5)), key_of(std::uint64_t(5)));
    EXPECT_EQ(key_of(std::int8_t(-5)), key_of(std::int64_t(-5)));
    EXPECT_NE(key_of(std::int64_t(-1)), key_of(UINT64_MAX));
    EXPECT_NE(key_of(INT64_MIN), key_of(std::uint64_t(1) << 63));
}

TEST(Key, TextsAreOfOneType) {
    EXPECT_EQ(key_of("a"), key_of(std::string("a")));
    EXPECT_EQ(key_of("a"), key_of(Text<10>("a")));
    EXPECT_EQ(key_of("a"), key_of(std::string_view("a")));
}

TEST(Key, FloatingPointIsComparedByItsBits) {
    EXPECT_NE(key_of(0.0), key_of(-0.0));
    EXPECT_EQ(key_of(std::numeric_limits<double>::quiet_NaN()),
              key_of(-std::numeric_limits<double>::quiet_NaN()));
    EXPECT_NE(key_of(0.1), key_of(0.10000000000000002));
}

TEST(Key, EnumeratorsGoByTheirNames) {
    EXPECT_EQ(key_of(Colour::red), key_of(Other::red));
    EXPECT_NE(key_of(Colour::green), key_of(Other::blue));
    EXPECT_NE(key_of(static_cast<Colour>(7)), key_of(static_cast<Colour>(8)));
}

TEST(Key, TheHashIsTheSameInEveryProcess) {
    EXPECT_EQ(hash_of_key("").text(), "99aa06d3014798d86001c324468d497f");
    EXPECT_EQ(KeyView("a").hash, Key("a").hash());
}

// Random tuples over few values each, so that equal ones come often; a map from the key's bytes back to the
// tuple must never meet another tuple.
using Sample = std::tuple<std::int64_t, std::string, std::optional<std::string>, bool, double, Filter,
                          std::vector<std::optional<int>>, std::variant<int, std::string>>;

std::string a_text(Random& random) {
    static constexpr std::array<std::string_view, 10> pieces{
        "",  "0", "1", "s", "i\1", std::string_view("\0", 1), std::string_view("s\1\0\0\0\0\0\0\0", 9),
        "o", "O", "é"};
    std::string text;
    for (auto n = random.below(3); n > 0; --n) {
        text += pieces[random.below(pieces.size())];
    }
    return text;
}
std::optional<int> maybe(Random& random) {
    return random.below(3) == 0 ? std::nullopt : std::optional(static_cast<int>(random.below(3)));
}

Sample a_sample(Random& random) {
    Sample sample;
    static constexpr std::array<std::int64_t, 5> integers{0, 1, -1, INT64_MIN, INT64_MAX};
    static constexpr std::array<double, 5> reals{0.0, 1.0, -1.0, 0.5, 1e300};
    std::get<0>(sample) = integers[random.below(integers.size())];
    std::get<1>(sample) = a_text(random);
    std::get<2>(sample) = random.below(2) == 0 ? std::nullopt : std::optional(a_text(random));
    std::get<3>(sample) = random.below(2) == 0;
    std::get<4>(sample) = reals[random.below(reals.size())];
    Filter& filter = std::get<5>(sample);
    filter.name = random.below(2) == 0 ? std::nullopt : std::optional(a_text(random));
    filter.sizes.resize(random.below(3));
    filter.colour = static_cast<Colour>(random.below(2));
    for (auto n = random.below(3); n > 0; --n) {
        std::get<6>(sample).push_back(maybe(random));
    }
    if (random.below(2) == 0) {
        std::get<7>(sample) = a_text(random);
    }
    return sample;
}

TEST(Key, RandomTuplesShareAKeyOnlyWhenTheyAreEqual) {
    const char* full = std::getenv("BRIO_FULL");
    const int samples = full != nullptr && std::string_view(full) == "1" ? 1'000'000 : 50'000;
    const std::uint64_t seed = thread_random()();
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    std::unordered_map<std::string, Sample> by_key;
    std::map<Sample, std::string, decltype([](const Sample& a, const Sample& b) {
                 return std::tie(std::get<0>(a), std::get<1>(a), std::get<2>(a), std::get<3>(a),
                                 std::get<4>(a), std::get<5>(a).name, std::get<5>(a).sizes,
                                 std::get<5>(a).colour, std::get<6>(a), std::get<7>(a)) <
                        std::tie(std::get<0>(b), std::get<1>(b), std::get<2>(b), std::get<3>(b),
                                 std::get<4>(b), std::get<5>(b).name, std::get<5>(b).sizes,
                                 std::get<5>(b).colour, std::get<6>(b), std::get<7>(b));
             })>
        by_sample;
    for (int i = 0; i < samples; ++i) {
        const Sample sample = a_sample(random);
        const std::string key = std::apply([](const auto&... parts) { return key_of(parts...); }, sample);
        ASSERT_EQ(by_key.try_emplace(key, sample).first->second, sample);
        ASSERT_EQ(by_sample.try_emplace(sample, key).first->second, key);
    }
}

}  // namespace

}  // namespace brio::cache
