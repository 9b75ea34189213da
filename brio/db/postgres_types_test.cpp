#include <gtest/gtest.h>

#include <brio/db/error.hpp>
#include <brio/db/postgres_types.hpp>

namespace brio::db::postgres {

namespace {

/// numeric_send's bytes: words in network byte order.
std::string words(std::initializer_list<int> values) {
    std::string bytes;
    for (const int value : values) {
        bytes += static_cast<char>(value >> 8 & 0xff);
        bytes += static_cast<char>(value & 0xff);
    }
    return bytes;
}

std::string encoded(const sql::Value& value, Oid type) {
    sql::Values values;
    values.add(value);
    Parameters parameters;
    parameters.encode(values, {type});
    if (parameters.pointers()[0] == nullptr) {
        return "null";
    }
    const auto length = static_cast<std::size_t>(parameters.lengths()[0]);
    return std::string(parameters.formats()[0] == 1 ? "binary:" : "text:") +
           std::string(parameters.pointers()[0], length);
}

sql::Value integer(std::int64_t value, sql::ValueKind kind = sql::ValueKind::integer) {
    return {.kind = kind, .integer = value};
}

constexpr Oid int2 = 21;
constexpr Oid int8 = 20;
constexpr Oid text = 25;
constexpr Oid date = 1082;
constexpr Oid timestamptz = 1184;
constexpr Oid numeric = 1700;

}  // namespace

TEST(PostgresTypes, NumericsAreReadAsTheServerShowsThem) {
    EXPECT_EQ(numeric_text(words({2, 0, 0, 3, 12, 3400})), "12.340");
    EXPECT_EQ(numeric_text(words({2, 1, 0x4000, 0, 1, 2345})), "-12345");
    EXPECT_EQ(numeric_text(words({1, 1, 0, 0, 1})), "10000");
    EXPECT_EQ(numeric_text(words({1, -1, 0, 4, 5})), "0.0005");
    EXPECT_EQ(numeric_text(words({1, -2, 0, 8, 1})), "0.00000001");
    EXPECT_EQ(numeric_text(words({0, 0, 0, 2})), "0.00");
    EXPECT_EQ(numeric_text(words({0, 0, 0xC000, 0})), "NaN");
    EXPECT_THROW(numeric_text("short"), StatementError);
}

TEST(PostgresTypes, ParametersTakeTheFormOfTheServersType) {
    using namespace std::string_literals;
    EXPECT_EQ(encoded(integer(258), int8), "binary:\0\0\0\0\0\0\1\2"s);
    EXPECT_EQ(encoded(integer(258), int2), "binary:\1\2"s);
    EXPECT_EQ(encoded(integer(7), numeric), "text:7");
    EXPECT_EQ(encoded(integer(epoch_microseconds + 1, sql::ValueKind::timestamp), timestamptz),
              "binary:\0\0\0\0\0\0\0\1"s);
    EXPECT_EQ(encoded({.kind = sql::ValueKind::text, .bytes = "a\0b"s}, text), "binary:a\0b"s);
    EXPECT_EQ(encoded({.kind = sql::ValueKind::text, .bytes = "2026-11-25"}, date), "text:2026-11-25");
    EXPECT_EQ(encoded({.kind = sql::ValueKind::null}, int8), "null");
}

TEST(PostgresTypes, WhatDoesNotFitIsRefusedBeforeItIsSent) {
    EXPECT_THROW(encoded(integer(40'000), int2), CheckViolation);
    EXPECT_THROW(encoded({.kind = sql::ValueKind::text, .bytes = std::string_view("2\0", 2)}, date),
                 CheckViolation);
}

TEST(PostgresTypes, ListsBecomeArrays) {
    EXPECT_EQ(array_literal("[1,-2]"), "{1,-2}");
    EXPECT_EQ(array_literal("[]"), "{}");
    EXPECT_EQ(array_literal(R"(["a","b\"c\\","{,}\n"])"), "{\"a\",\"b\\\"c\\\\\",\"{,}\n\"}");
}

}  // namespace brio::db::postgres
