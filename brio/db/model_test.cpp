#include <brio/db/model.hpp>

#include <gtest/gtest.h>

#include <brio/db/migration_code.hpp>

namespace brio::db {
namespace {

enum class Colour { red, ultramarine };
struct Detail {
    int a;
};
struct Owner {
    Id<Owner> id;
};
struct Stranger {
    Id<Stranger> id;
};
struct Thing {
    Id<Thing> id;
    Id<Owner> owner_id;
    Id<Stranger> stranger_id;
    std::optional<Id<Thing>> parent_id;
    std::int32_t number;
    double weight;
    Decimal<10, 2> price;
    bool is_new;
    Text<80, 1> name;
    std::string notes;
    Colour colour;
    std::optional<Timestamp> at;
    Timestamp changed;
    Date day;
    Uuid key;
    Bytes picture;
    Detail detail;
    Version version;
};
inline constexpr auto owners = sql::table<Owner>("owners");
inline constexpr auto things = sql::table<Thing>("things")
                                   .index<&Thing::owner_id, &Thing::at>("idx_thing_owner")
                                   .updated<&Thing::changed>()
                                   .unique<&Thing::key>("idx_thing_key");

}  // namespace

TEST(Model, EachFieldIsTheColumnThatItsTypeIsKeptIn) {
    const Model model = model_of(owners, things);
    ASSERT_EQ(model.size(), 2u);
    const std::vector<std::pair<std::string, std::string>> expected{
        {"id", "column::id"},
        {"owner_id", "column::reference(\"owners\")"},
        {"stranger_id", "column::reference(\"\")"},
        {"parent_id", "column::reference(\"things\").optional()"},
        {"number", "column::integer"},
        {"weight", "column::real"},
        {"price", "column::decimal(10, 2)"},
        {"is_new", "column::boolean"},
        {"name", "column::text(80)"},
        {"notes", "column::text()"},
        {"colour", "column::text(11)"},
        {"at", "column::timestamp.optional()"},
        {"changed", "column::timestamp"},
        {"day", "column::date"},
        {"key", "column::uuid"},
        {"picture", "column::bytes"},
        {"detail", "column::json"},
        {"version", "column::integer.by_default(\"1\")"}};
    ASSERT_EQ(model[1].columns.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ(model[1].columns[i].name, expected[i].first);
        EXPECT_EQ(code_of(model[1].columns[i].type), expected[i].second) << expected[i].first;
        EXPECT_EQ(model[1].columns[i].is_least_limit, expected[i].first == "colour");
    }
}

TEST(Model, IndexesAreThoseOfTheTableInItsOrder) {
    const Model model = model_of(owners, things);
    EXPECT_TRUE(model[0].indexes.empty());
    EXPECT_EQ(model[1].indexes,
              (std::vector<ModelIndex>{
                  {.name = "idx_thing_owner", .columns = {"owner_id", "at"}, .is_unique = false},
                  {.name = "idx_thing_key", .columns = {"key"}, .is_unique = true}}));
}

}  // namespace brio::db
