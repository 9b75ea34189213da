#include <brio/base/text_table.hpp>

#include <gtest/gtest.h>

namespace brio {
namespace {

TEST(TableText, ColumnsAreAligned) {
    EXPECT_EQ(table_text({{"ID", "TASK", "ERROR"}, {"日本", "mail", "none"}, {"7", "", ""}}),
              "ID    TASK  ERROR\n"
              "日本  mail  none\n"
              "7\n");
}

TEST(TableText, ACellIsOneLine) { EXPECT_EQ(table_text({{"a\x1b[2J\nb"}}), "a [2J b\n"); }

}  // namespace
}  // namespace brio
