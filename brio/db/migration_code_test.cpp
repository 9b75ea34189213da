#include <brio/db/migration_code.hpp>

#include <gtest/gtest.h>

namespace brio::db {
namespace {

TEST(MigrationCode, AnOperationIsTheCallThatMakesIt) {
    EXPECT_EQ(
        code_of(create_index("i", "t", {expression("lower(\"a\")"), descending("b")}, unique).where("c > 0")),
        R"x(create_index("i", "t", {expression("lower(\"a\")"), descending("b")}, unique).where("c > 0"))x");
    EXPECT_EQ(code_of(dangerous("it is empty", drop_table("t"))),
              R"x(dangerous("it is empty", drop_table("t")))x");
    EXPECT_EQ(code_of(alter_column(
                  "t", "a", {.from = column::text(5), .to = column::text().optional(), .conversion = "a"})),
              R"x(alter_column("t", "a", {.from = column::text(5), .to = column::text().optional(), )x"
              R"x(.conversion = "a"}))x");
    EXPECT_EQ(code_of(add_column("t", "of", column::reference("u").on_delete_cascade().by_default("1"))),
              R"x(add_column("t", "of", column::reference("u").on_delete_cascade().by_default("1")))x");
    EXPECT_EQ(code_of(raw("SELECT 1\n", "SELECT 2")), R"x(raw("SELECT 1\n", "SELECT 2"))x");
    EXPECT_EQ(code_of(rename_column("t", "a", "b")), R"x(rename_column("t", "a", "b"))x");
    EXPECT_EQ(code_of(rename_table("t", "u")), R"x(rename_table("t", "u"))x");
    EXPECT_EQ(code_of(drop_column("t", "a")), R"x(drop_column("t", "a"))x");
}

TEST(MigrationCode, TheNextRevisionCountsOnAndSpeaksInLowerCase) {
    const std::vector<Migration> none;
    const std::vector<Migration> some{{"0001_a", {}, {}}, {"0012_b", {}, {}}, {"0007_c", {}, {}}};
    EXPECT_EQ(next_revision(none, "Notes"), "0001_notes");
    EXPECT_EQ(next_revision(some, "  More notes, & less! "), "0013_more_notes_less");
}

TEST(MigrationCode, ASkeletonIsAnElementOfTheArray) {
    EXPECT_EQ(code_of(Migration{.revision = "0002_x"}), "    {\"0002_x\",\n     up(),\n     down()},\n");
}

TEST(MigrationCode, GoesToTheEndOfTheOneArrayOfMigrations) {
    constexpr std::string_view code = "    {\"0002_x\",\n     up(),\n     down()},\n";
    EXPECT_EQ(with_migration("const Migration all[] = {\n    {\"0001_a\", up(), down()}\n};\nint x;\n", code),
              "const Migration all[] = {\n    {\"0001_a\", up(), down()},\n    {\"0002_x\",\n     up(),\n"
              "     down()},\n};\nint x;\n");
    EXPECT_EQ(with_migration("const Migration all[] = {\n};\n", code),
              "const Migration all[] = {\n    {\"0002_x\",\n     up(),\n     down()},\n};\n");
    EXPECT_EQ(with_migration("int x;", code), std::nullopt);
    EXPECT_EQ(with_migration("const Migration a[] = {\n};\nconst Migration b[] = {\n};\n", code),
              std::nullopt);
}

}  // namespace
}  // namespace brio::db
