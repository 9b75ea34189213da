#include <brio/json/schema.hpp>

#include <variant>

#include <gtest/gtest.h>

#include <brio/json/read.hpp>

namespace brio::json {
namespace {

enum class Status { draft, active };
struct User {
    Id<User> id;
    Text<254, 3> email;
};
struct Resource {
    Text<120, 1> name;
    Text<2000> description;
    Status status = Status::draft;
    std::optional<Status> next;
    std::optional<Id<User>> owner_id;
    std::vector<User> readers;
    Timestamp created_at;
};
struct Tree {
    std::vector<Tree> children;
    static constexpr bool open_object = true;
};
template <class T>
struct Page {
    std::vector<T> items;
};

}  // namespace
namespace other {
struct User {
    int age = 0;
};
}  // namespace other
namespace {

TEST(Schema, AStructIsAReferenceToAComponent) {
    SchemaSet set;
    EXPECT_EQ(schema_of<Resource>(set), R"({"$ref":"#/components/schemas/Resource"})");
    EXPECT_EQ(
        set.find("Resource"),
        R"({"type":"object","properties":{"name":{"type":"string","minLength":1,"maxLength":120},)"
        R"("description":{"type":"string","maxLength":2000},"status":{"$ref":"#/components/schemas/Status"},)"
        R"("next":{"anyOf":[{"$ref":"#/components/schemas/Status"},{"type":"null"}]},)"
        R"("owner_id":{"type":["integer","null"],"format":"int64","minimum":1},)"
        R"("readers":{"type":"array","items":{"$ref":"#/components/schemas/User"}},)"
        R"("created_at":{"type":"string","format":"date-time"}},"required":["name","created_at"],)"
        R"("additionalProperties":false})");
    EXPECT_EQ(set.find("Status"), R"({"type":"string","enum":["draft","active"]})");
    EXPECT_EQ(set.size(), 3U);
}

TEST(Schema, ScalarsStandInPlace) {
    SchemaSet set;
    EXPECT_EQ(schema_of<bool>(set), R"({"type":"boolean"})");
    EXPECT_EQ(schema_of<std::int64_t>(set), R"({"type":"integer","format":"int64"})");
    EXPECT_EQ(schema_of<std::uint8_t>(set),
              R"({"type":"integer","format":"int32","minimum":0,"maximum":255})");
    EXPECT_EQ(schema_of<double>(set), R"({"type":"number","format":"double"})");
    EXPECT_EQ(schema_of<std::string>(set), R"({"type":"string"})");
    EXPECT_EQ(schema_of<Date>(set), R"({"type":"string","format":"date"})");
    EXPECT_EQ(schema_of<Uuid>(set), R"({"type":"string","format":"uuid"})");
    EXPECT_EQ(schema_of<Bytes>(set), R"({"type":"string","contentEncoding":"base64"})");
    EXPECT_EQ(schema_of<Raw>(set), "{}");
    EXPECT_EQ(schema_of<std::optional<std::string>>(set), R"({"type":["string","null"]})");
    EXPECT_EQ((schema_of<std::map<std::string, int>>(set)),
              R"({"type":"object","additionalProperties":{"type":"integer","format":"int32",)"
              R"("minimum":-2147483648,"maximum":2147483647}})");
    EXPECT_EQ((schema_of<std::variant<bool, std::string>>(set)),
              R"({"anyOf":[{"type":"boolean"},{"type":"string"}]})");
    EXPECT_EQ((schema_of<std::array<bool, 2>>(set)),
              R"({"type":"array","items":{"type":"boolean"},"minItems":2,"maxItems":2})");
    EXPECT_EQ((schema_of<std::tuple<bool>>(set)),
              R"({"type":"array","prefixItems":[{"type":"boolean"}],"items":false,"minItems":1})");
    EXPECT_EQ(set.size(), 0U);
}

TEST(Schema, ATypeMayHoldItself) {
    SchemaSet set;
    EXPECT_EQ(schema_of<Tree>(set), R"({"$ref":"#/components/schemas/Tree"})");
    EXPECT_EQ(set.components(),
              R"({"Tree":{"type":"object","properties":{"children":{"type":"array","items":)"
              R"({"$ref":"#/components/schemas/Tree"}}}}})");
}

TEST(Schema, TheSecondOfTwoTypesOfOneNameIsQualified) {
    SchemaSet set;
    EXPECT_EQ(schema_of<User>(set), R"({"$ref":"#/components/schemas/User"})");
    EXPECT_EQ(schema_of<other::User>(set), R"({"$ref":"#/components/schemas/brio.json.other.User"})");
    EXPECT_EQ(schema_of<User>(set), R"({"$ref":"#/components/schemas/User"})");
    EXPECT_EQ(set.size(), 2U);
}

TEST(Schema, TemplatesAreNamedWithTheirArguments) {
    SchemaSet set;
    EXPECT_EQ(schema_of<Page<User>>(set), R"({"$ref":"#/components/schemas/Page.User"})");
}

TEST(Schema, EverySchemaIsJson) {
    SchemaSet set;
    schema_of<Resource>(set);
    schema_of<Page<Tree>>(set);
    set.add("Problem", R"({"type":"object"})");
    EXPECT_TRUE(read<Raw>(set.components()));
    EXPECT_EQ(set.find("Problem"), R"({"type":"object"})");
    EXPECT_EQ(set.find("Missing"), "");
}

}  // namespace
}  // namespace brio::json
