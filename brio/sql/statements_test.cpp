#include <gtest/gtest.h>

#include <brio/sql/json_of.hpp>
#include <brio/sql/page_statements.hpp>
#include <brio/sql/patch.hpp>

namespace brio::sql {
namespace {

enum class Colour { red, blue };
struct Owner {
    Id<Owner> id;
    std::string name;
};
struct Thing {
    Id<Thing> id;
    std::optional<Id<Owner>> owner_id;
    Text<10, 1> name;
    Colour colour;
    Timestamp created_at;
    Timestamp changed;
    Version version;
};
constexpr auto owners = table<Owner>("owners");
constexpr auto things =
    table<Thing>("things").index<&Thing::colour, &Thing::created_at>("i").updated<&Thing::changed>();
constexpr auto owner = belongs_to<&Thing::owner_id>(owners, "owner");
constexpr auto listing = list_of(things).filter<&Thing::colour>().sort<&Thing::colour>();
constexpr auto lite = Dialect::sqlite;
constexpr auto post = Dialect::postgresql;

}  // namespace

TEST(Statements, FindJoinsTheOptionalOwnerFromTheLeft) {
    EXPECT_EQ((find_statement<decltype(things), owner>(things).text(lite)),
              "SELECT t.\"id\", t.\"owner_id\", t.\"name\", t.\"colour\", t.\"created_at\", t.\"changed\", "
              "t.\"version\", r0.\"id\", "
              "r0.\"name\" FROM \"things\" AS t LEFT JOIN \"owners\" AS r0 ON r0.\"id\" = t.\"owner_id\" "
              "WHERE t.\"id\" = $1");
    EXPECT_EQ((find_statement<decltype(things), owner>(things).reads()),
              (std::vector<std::string>{"things", "owners"}));
}

TEST(Statements, InsertHasEveryColumnButTheId) {
    EXPECT_EQ(insert_statement(things).text(lite),
              "INSERT INTO \"things\" (\"owner_id\", \"name\", \"colour\", \"created_at\", \"changed\", "
              "\"version\") VALUES ($1, $2, $3, "
              "$4, $5, $6)");
    EXPECT_TRUE(insert_statement(things).text(post).ends_with(" RETURNING \"id\""));
    EXPECT_EQ(insert_statement(things).writes(), std::vector<std::string>{"things"});
}

TEST(Statements, UpdateSetsWhatChangesTheTimeAndTheVersion) {
    struct Patch {
        std::optional<Colour> colour;
        std::optional<std::optional<Id<Owner>>> owner_id;
    };
    const Patch patch{.colour = std::nullopt, .owner_id = std::optional<Id<Owner>>()};
    const auto changed = changed_columns<Thing>(patch);
    EXPECT_TRUE(
        update_statement(things, changed, true)
            .text(lite)
            .starts_with("UPDATE \"things\" AS t SET \"owner_id\" = $1, \"changed\" = $2, \"version\" = "
                         "t.\"version\" + 1 WHERE t.\"id\" "
                         "= $3 AND t.\"version\" = $4 RETURNING \"id\", \"owner_id\""));
    Values values;
    bind_patch<Thing>(values, patch);
    ASSERT_EQ(values.size(), 1u);
    EXPECT_EQ(values[0].kind, ValueKind::null);
}

TEST(Statements, PagesOfOneShapeAreOneStatement) {
    ListRequest request;
    request.sort = 0;
    request.filters = 1;
    request.descending = true;
    request.cursor = "x";
    const auto& made = page_statement<listing>(request);
    EXPECT_EQ(&made, &page_statement<listing>(request));
    EXPECT_TRUE(made.text(lite).ends_with(
        " FROM \"things\" AS t WHERE t.\"colour\" = $1 AND (t.\"colour\", t.\"id\") < ($2, $3) ORDER BY "
        "t.\"colour\" DESC, t.\"id\" DESC LIMIT $4 OFFSET $5"));
    request.sort = 1;
    request.filters = 0;
    EXPECT_TRUE(page_statement<listing>(request).text(lite).ends_with(
        " WHERE t.\"id\" < $1 ORDER BY t.\"id\" DESC LIMIT $2 OFFSET $3"));
    EXPECT_TRUE(page_statement<listing>(request).text(post).ends_with(
        " WHERE t.\"id\" < $1 ORDER BY t.\"id\" DESC LIMIT 128) AS p LIMIT $2 OFFSET $3"));
    EXPECT_EQ(total_statement<listing>(request).text(lite), "SELECT count(*) FROM \"things\" AS t");
}

TEST(Statements, APageOnPostgresTakesItsRowsBeforeWhatTheyReferTo) {
    ListRequest request;
    request.sort = 1;
    EXPECT_TRUE((page_statement<listing, owner>(request).text(post).ends_with(
        " FROM (SELECT * FROM (SELECT * FROM \"things\" AS t ORDER BY t.\"id\" ASC LIMIT 128) AS p LIMIT $1 "
        "OFFSET $2) AS t LEFT JOIN LATERAL (SELECT * FROM \"owners\" AS r0 WHERE r0.\"id\" = t.\"owner_id\" "
        "OFFSET 0) AS r0 ON true ORDER BY t.\"id\" ASC")));
}

TEST(Statements, ValuesNeverStandInTheText) {
    const auto condition =
        col<&Thing::name> == "'; DROP TABLE things" && in(col<&Thing::colour>, std::array{Colour::blue});
    StatementText text(post);
    decltype(condition)::write(text);
    EXPECT_EQ(std::move(text).take(), "(t.\"name\" = $1 AND t.\"colour\" = ANY($2::text[]))");
    Values values;
    condition.bind_to(values);
    EXPECT_EQ(values[0].bytes, "'; DROP TABLE things");
    EXPECT_EQ(values[1].bytes, "[\"blue\"]");
}

TEST(Statements, FingerprintsFollowTheText) {
    EXPECT_EQ(stable_hash(""), 0xcbf29ce484222325u);
    EXPECT_EQ(stable_hash("a"), 0xaf63dc4c8601ec8cu);  // FNV-1a's published vector
    EXPECT_NE(insert_statement(things).fingerprint(), insert_statement(owners).fingerprint());
}

TEST(Projection, NewRowsGetTheirVersionAndTimes) {
    struct New {
        Text<10, 1> name;
        Colour colour = Colour::blue;
    };
    const auto row =
        make_row<std::remove_const_t<decltype(things)>>(New{.name = Text<10, 1>("n")}, Timestamp(5));
    EXPECT_EQ(row.version, Version(1));
    EXPECT_EQ(row.created_at, Timestamp(5));
    EXPECT_EQ(row.changed, Timestamp(5));
    EXPECT_EQ(row.colour, Colour::blue);
    EXPECT_FALSE(row.owner_id);
}

TEST(Table, TheLeadingColumnsOfIndexesAndTheIdAreIndexed) {
    using T = std::remove_const_t<decltype(things)>;
    static_assert(is_indexed<&Thing::id, T>);
    static_assert(is_indexed<&Thing::colour, T>);
    static_assert(!is_indexed<&Thing::created_at, T>);
    const auto both = col<&Thing::colour> == Colour::red && col<&Thing::name> == "n";
    const auto either = col<&Thing::colour> == Colour::red || col<&Thing::name> == "n";
    EXPECT_TRUE(decltype(both)::uses_index<T>);
    EXPECT_FALSE(decltype(either)::uses_index<T>);
}

}  // namespace brio::sql
