// Every type of column, at its extremes: stored, read back, compared, listed and walked by cursor the same on
// every engine.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include <brio/db/test_engines.hpp>
#include <brio/json/write.hpp>

namespace brio::db::test {

namespace {

enum class Colour { red, dark_blue };
struct Nested {
    std::string word;
    std::vector<std::int64_t> numbers;
    std::optional<Date> day;
};
struct Values {
    std::int64_t integer = 0;
    std::int32_t small = 0;
    bool truth = false;
    double real = 0;
    std::string words;
    Text<20> text;
    Bytes bytes;
    Timestamp moment;
    Date day;
    Uuid key;
    Colour colour = Colour::red;
    Decimal<18, 4> price;
    Nested nested;
    std::optional<std::int64_t> maybe_integer;
    std::optional<bool> maybe_truth;
    std::optional<double> maybe_real;
    std::optional<std::string> maybe_words;
    std::optional<Bytes> maybe_bytes;
    std::optional<Timestamp> maybe_moment;
    std::optional<Date> maybe_day;
    std::optional<Uuid> maybe_key;
    std::optional<Colour> maybe_colour;
    std::optional<Decimal<6, 2>> maybe_price;
    std::optional<Nested> maybe_nested;
};
struct Kinds {
    Id<Kinds> id;
    std::int64_t integer;
    std::int32_t small;
    bool truth;
    double real;
    std::string words;
    Text<20> text;
    Bytes bytes;
    Timestamp moment;
    Date day;
    Uuid key;
    Colour colour;
    Decimal<18, 4> price;
    Nested nested;
    std::optional<std::int64_t> maybe_integer;
    std::optional<bool> maybe_truth;
    std::optional<double> maybe_real;
    std::optional<std::string> maybe_words;
    std::optional<Bytes> maybe_bytes;
    std::optional<Timestamp> maybe_moment;
    std::optional<Date> maybe_day;
    std::optional<Uuid> maybe_key;
    std::optional<Colour> maybe_colour;
    std::optional<Decimal<6, 2>> maybe_price;
    std::optional<Nested> maybe_nested;
};
constexpr auto kinds = table<Kinds>("kinds");
constexpr auto walk = list_of(kinds)
                          .sort<&Kinds::integer, &Kinds::real, &Kinds::words, &Kinds::text, &Kinds::moment,
                                &Kinds::day, &Kinds::key, &Kinds::colour, &Kinds::price>(unindexed("a test"));

const std::vector<Migration>& history() {
    static const std::vector<Migration> all{
        {"0001_kinds",
         up(create_table("kinds", {{"id", column::id},
                                   {"integer", column::integer},
                                   {"small", column::integer},
                                   {"truth", column::boolean},
                                   {"real", column::real},
                                   {"words", column::text()},
                                   {"text", column::text(20)},
                                   {"bytes", column::bytes},
                                   {"moment", column::timestamp},
                                   {"day", column::date},
                                   {"key", column::uuid},
                                   {"colour", column::text()},
                                   {"price", column::decimal(18, 4)},
                                   {"nested", column::json},
                                   {"maybe_integer", column::integer.optional()},
                                   {"maybe_truth", column::boolean.optional()},
                                   {"maybe_real", column::real.optional()},
                                   {"maybe_words", column::text().optional()},
                                   {"maybe_bytes", column::bytes.optional()},
                                   {"maybe_moment", column::timestamp.optional()},
                                   {"maybe_day", column::date.optional()},
                                   {"maybe_key", column::uuid.optional()},
                                   {"maybe_colour", column::text().optional()},
                                   {"maybe_price", column::decimal(6, 2).optional()},
                                   {"maybe_nested", column::json.optional()}})),
         down(drop_table("kinds"))}};
    return all;
}

std::vector<std::pair<std::string, Values>> extremes() {
    const auto most = std::numeric_limits<double>::max();
    Values least{.integer = INT64_MIN,
                 .small = INT32_MIN,
                 .real = -most,
                 .moment = *Timestamp::parse("0001-01-01T00:00:00Z"),
                 .day = *Date::parse("0001-01-01"),
                 .price = Decimal<18, 4>::of_units(-Decimal<18, 4>::most)};
    Values greatest{.integer = INT64_MAX,
                    .small = INT32_MAX,
                    .truth = true,
                    .real = most,
                    .words = "\xF4\x8F\xBF\xBF",
                    .text = Text<20>("\xF0\x9F\x98\x80\xF0\x9F\x98\x80"),
                    .bytes = Bytes(std::string(1000, '\xff')),
                    .moment = *Timestamp::parse("9999-12-31T23:59:59.999999Z"),
                    .day = *Date::parse("9999-12-31"),
                    .key = *Uuid::parse("ffffffff-ffff-ffff-ffff-ffffffffffff"),
                    .colour = Colour::dark_blue,
                    .price = Decimal<18, 4>::of_units(Decimal<18, 4>::most),
                    .nested = {"\xF0\x9F\x98\x80 \"\\ u0000", {INT64_MIN, INT64_MAX}, Date(0)}};
    Values odd{.integer = -1,
               .small = -1,
               .real = std::numeric_limits<double>::denorm_min(),
               .words = "'; DROP TABLE kinds; -- \" \\ \xE2\x80\xA8 \x01\x7f",
               .text = Text<20>(" \t\n"),
               .bytes = Bytes(std::string("\0\\x00'\xff", 7)),
               .moment = Timestamp(-1),
               .day = Date(-1),
               .key = *Uuid::parse("00000000-0000-0000-0000-000000000001"),
               .price = Decimal<18, 4>::of_units(-1),
               .nested = {"", {}, std::nullopt}};
    Values full{.real = 0.1,
                .words = "B",
                .text = Text<20>("a"),
                .maybe_integer = 0,
                .maybe_truth = false,
                .maybe_real = 1e-300,
                .maybe_words = "",
                .maybe_bytes = Bytes(),
                .maybe_moment = Timestamp(0),
                .maybe_day = Date(0),
                .maybe_key = Uuid{},
                .maybe_colour = Colour::red,
                .maybe_price = *Decimal<6, 2>::parse("-9999.99"),
                .maybe_nested = Nested{"x", {1}, std::nullopt}};
    return {{"zero", {}}, {"least", least}, {"greatest", greatest}, {"odd", odd}, {"full", full}};
}

struct ColumnTypes : OnEveryEngine {
    ColumnTypes() : fixture(GetParam(), {}, history()) {}
    template <auto P, class V>
    void expect_found(Id<Kinds> id, const V& value) {
        auto here = [&](auto condition) {
            const auto rows = fixture.run(fixture.db()
                                              .select(kinds)
                                              .where(unindexed("a test", condition && col<&Kinds::id> == id))
                                              .all());
            EXPECT_EQ(rows.size(), 1u) << sql::column_name<P>;
        };
        here(col<P> == value);
        here(in(col<P>, std::array<V, 1>{value}));
        here(between(col<P>, value, value));
    }
    Fixture fixture;
};
INSTANTIATE_TEST_SUITE_P(, ColumnTypes, every_engine, engine_name);

}  // namespace

TEST_P(ColumnTypes, EachComesBackAsItWasStored) {
    for (const auto& [name, values] : extremes()) {
        const Kinds made = fixture.run(fixture.db().insert(kinds, values));
        const auto found = fixture.run(fixture.db().find(kinds, made.id));
        ASSERT_TRUE(found);
        EXPECT_EQ(json::to_string(*found), json::to_string(made)) << name;
        EXPECT_EQ(found->bytes, made.bytes) << name;
        EXPECT_EQ(found->maybe_bytes.has_value(), made.maybe_bytes.has_value()) << name;
    }
    std::string all;
    for (const auto& row : fixture.run(fixture.db().select(kinds).order_by(asc<&Kinds::id>).all())) {
        all += (all.empty() ? "" : ",") + json::to_string(row);
    }
    const auto page = fixture.run(fixture.db().page(*sql::parse_list<walk>({})));
    EXPECT_EQ(json::to_string(page.items()), "[" + all + "]");
}

TEST_P(ColumnTypes, EachIsFoundByItsValueInAListAndInARange) {
    for (const auto& [name, values] : extremes()) {
        SCOPED_TRACE(name);
        const Id<Kinds> id = fixture.run(fixture.db().insert(kinds, values)).id;
        expect_found<&Kinds::integer>(id, values.integer);
        expect_found<&Kinds::truth>(id, values.truth);
        expect_found<&Kinds::real>(id, values.real);
        expect_found<&Kinds::words>(id, values.words);
        expect_found<&Kinds::text>(id, values.text);
        expect_found<&Kinds::moment>(id, values.moment);
        expect_found<&Kinds::day>(id, values.day);
        expect_found<&Kinds::key>(id, values.key);
        expect_found<&Kinds::colour>(id, values.colour);
        expect_found<&Kinds::price>(id, values.price);
        EXPECT_EQ(fixture.run(fixture.db()
                                  .select(kinds)
                                  .where(unindexed("a test", col<&Kinds::bytes> == values.bytes))
                                  .count()),
                  name == "full"    ? 3u
                  : name == "least" ? 2u
                                    : 1u);
        if (values.maybe_price) {
            expect_found<&Kinds::maybe_price>(id, *values.maybe_price);
        }
    }
}

TEST_P(ColumnTypes, ACursorWalksByEachInTheOrderOfItsValues) {
    for (const auto& [name, values] : extremes()) {
        fixture.run(fixture.db().insert(kinds, values));
    }
    for (const auto* sort :
         {"integer", "real", "words", "text", "moment", "day", "key", "colour", "price", "id"}) {
        std::vector<std::int64_t> walked[2];
        for (const bool descending : {false, true}) {
            std::string cursor;
            do {
                std::vector<sql::NamedValue> given{
                    {"page_size", "2"}, {"sort_by", sort}, {"sort_order", descending ? "desc" : "asc"}};
                if (!cursor.empty()) {
                    given.emplace_back("cursor", cursor);
                }
                const auto page = fixture.run(fixture.db().page(*sql::parse_list<walk>(given)));
                for (const Kinds& row : page.items()) {
                    walked[descending].push_back(row.id.value);
                }
                cursor = page.next_cursor().value_or("");
            } while (!cursor.empty());
        }
        EXPECT_EQ(std::set<std::int64_t>(walked[0].begin(), walked[0].end()).size(), 5u) << sort;
        EXPECT_EQ(walked[0], std::vector<std::int64_t>(walked[1].rbegin(), walked[1].rend())) << sort;
        if (sort == std::string_view("words")) {
            EXPECT_EQ(walked[0], (std::vector<std::int64_t>{1, 2, 4, 5, 3}));
        } else if (sort == std::string_view("price")) {
            EXPECT_EQ(walked[0], (std::vector<std::int64_t>{2, 4, 1, 5, 3}));
        }
    }
}

TEST_P(ColumnTypes, MinusZeroIsStoredAsZero) {
    const auto id = fixture.run(fixture.db().insert(kinds, Values{.real = -0.0})).id;
    EXPECT_FALSE(std::signbit(fixture.run(fixture.db().find(kinds, id))->real));
}

TEST_P(ColumnTypes, WhatNoColumnCanHoldIsRefusedBeforeItIsSent) {
    const auto nan = std::numeric_limits<double>::quiet_NaN();
    const auto infinity = std::numeric_limits<double>::infinity();
    for (const Values& bad :
         {Values{.real = nan}, Values{.real = -infinity}, Values{.maybe_real = infinity},
          Values{.words = std::string("a\0b", 3)}, Values{.words = "\xff"},
          Values{.maybe_words = std::string("\0", 1)}, Values{.nested = {std::string("\0", 1), {}, {}}}}) {
        EXPECT_THROW(fixture.run(fixture.db().insert(kinds, bad)), sql::BadValue);
    }
    EXPECT_EQ(fixture.run(fixture.db().select(kinds).count()), 0u);
    EXPECT_NO_THROW(fixture.run(fixture.db().insert(kinds, Values{.nested = {"\\u0000", {}, {}}})));
}

}  // namespace brio::db::test
