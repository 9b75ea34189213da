#include <brio/tasks/amqp_table.hpp>

#include <gtest/gtest.h>

namespace brio::tasks::amqp {
namespace {

class AmqpTable : public testing::Test {
protected:
    void SetUp() override { init_amqp_pool(&pool, 4096); }
    void TearDown() override { empty_amqp_pool(&pool); }
    std::string there_and_back(std::string_view object) { return object_of(table_of(object, pool)); }
    amqp_pool_t pool;
};

TEST_F(AmqpTable, KeepsWhatCelerysHeadersSay) {
    const std::string headers =
        R"({"eta":null,"expires":"2026-11-23T02:37:13.198961+00:00","id":"a","ignore_result":false,)"
        R"("nested":{"list":[1,[],{}],"text":"Ü\"\\"},"retries":3,"timelimit":[30,1.5]})";
    EXPECT_EQ(there_and_back(headers), headers);
}

TEST_F(AmqpTable, IntegersAreOf32BitsWhereTheyFit) {
    EXPECT_EQ(table_of(R"({"n":-2147483648})", pool).entries[0].value.kind, AMQP_FIELD_KIND_I32);
    EXPECT_EQ(table_of(R"({"n":2147483648})", pool).entries[0].value.kind, AMQP_FIELD_KIND_I64);
    EXPECT_EQ(there_and_back(R"({"n":9223372036854775807})"), R"({"n":9223372036854775807})");
}

TEST_F(AmqpTable, WhatIsNoObjectIsEmpty) {
    EXPECT_EQ(there_and_back("[1]"), "{}");
    EXPECT_EQ(there_and_back("{"), "{}");
}

TEST_F(AmqpTable, WhatIsTooDeepIsNull) {
    amqp_table_entry_t entries[40];
    for (int i = 0; i < 40; ++i) {
        entries[i].key = bytes_of("t");
        entries[i].value.kind = i == 39 ? AMQP_FIELD_KIND_VOID : AMQP_FIELD_KIND_TABLE;
        entries[i].value.value.table = {1, i == 39 ? nullptr : &entries[i + 1]};
    }
    EXPECT_TRUE(object_of({1, &entries[0]}).contains("null"));
}

TEST_F(AmqpTable, BytesThatAreNoUtf8AreReplaced) {
    amqp_table_entry_t entry{bytes_of("b"), {}};
    entry.value.kind = AMQP_FIELD_KIND_BYTES;
    entry.value.value.bytes = bytes_of("a\xff");
    EXPECT_EQ(object_of({1, &entry}), "{\"b\":\"a\xef\xbf\xbd\"}");
}

}  // namespace
}  // namespace brio::tasks::amqp
