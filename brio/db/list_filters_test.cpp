// Filters of lists beyond equality, and totals that are estimated.
#include <gtest/gtest.h>

#include <algorithm>

#include <brio/db/provide.hpp>
#include <brio/db/test_engines.hpp>

namespace brio::db::test {

namespace {

constexpr auto filtered =
    list_of(resources)
        .filter<&Resource::owner_id, any_of<&Resource::status>, range<&Resource::created_at>>()
        .search<&Resource::name, &Resource::description>(unindexed("a test"))
        .sort<&Resource::created_at>();

/// The parameters at fault, with what they must be.
std::string faults(std::vector<sql::NamedValue> given) {
    const auto list = sql::parse_list<filtered>(given);
    std::string all;
    if (!list) {
        for (const auto& fault : list.error()) {
            all += (all.empty() ? "" : "; ") + fault.name + " " + fault.message;
        }
    }
    return all;
}

struct ListFilters : OnEveryEngine {
    ListFilters() : fixture(GetParam()) {
        const User ann = a_user(fixture);
        const User bob = a_user(fixture, "bob@example.org");
        auto add = [&](Id<User> of, std::string_view name, std::string_view words, Status status,
                       const char* at) {
            fixture.run(fixture.db().execute(Writes{"resources"},
                                             "INSERT INTO resources(owner_id, name, description, status, "
                                             "created_at) VALUES ($1, $2, $3, $4, $5)",
                                             of, std::string(name), std::string(words), status,
                                             *Timestamp::parse(at)));
        };
        add(ann.id, "Apple", "green", Status::draft, "2026-01-01T00:00:00Z");
        add(ann.id, "pear", "100% Apple_free", Status::active, "2026-01-02T00:00:00Z");
        add(bob.id, "plum", "blue", Status::archived, "2026-01-03T00:00:00Z");
    }
    std::string names(std::vector<sql::NamedValue> given) {
        auto list = sql::parse_list<filtered>(given);
        EXPECT_TRUE(list);
        const auto page = fixture.run(fixture.db().page(*list));
        std::string all;
        for (const Resource& row : page.items()) {
            all += (all.empty() ? "" : " ") + row.name.str();
        }
        if (list->total == sql::Total::exact) {
            EXPECT_EQ(page.total(), page.count());
        }
        return all;
    }
    Fixture fixture;
};
INSTANTIATE_TEST_SUITE_P(, ListFilters, every_engine, engine_name);

}  // namespace

TEST_P(ListFilters, AnyOfTakesValuesWithCommasBetween) {
    EXPECT_EQ(names({{"status", "draft,archived"}}), "Apple plum");
    EXPECT_EQ(names({{"status", "active"}}), "pear");
    EXPECT_EQ(names({{"filters", R"({"status":"draft,active","owner_id":1})"}}), "Apple pear");
}

TEST_P(ListFilters, RangesIncludeTheirEnds) {
    EXPECT_EQ(names({{"created_at_from", "2026-01-02T00:00:00Z"}}), "pear plum");
    EXPECT_EQ(names({{"created_at_to", "2026-01-02T00:00:00Z"}}), "Apple pear");
    EXPECT_EQ(names({{"created_at_from", "2026-01-01T00:00:00.000001Z"},
                     {"created_at_to", "2026-01-02T00:00:00Z"}}),
              "pear");
}

TEST_P(ListFilters, SearchFindsWordsWithinAnyColumnWhateverTheirCase) {
    EXPECT_EQ(names({{"search", "aPPle"}}), "Apple pear");
    EXPECT_EQ(names({{"search", "100% a"}}), "pear");
    EXPECT_EQ(names({{"search", "e_f"}}), "pear");
    EXPECT_EQ(names({{"search", "%"}, {"status", "active,draft"}}), "pear");
    EXPECT_EQ(names({{"search", "\\"}}), "");
}

TEST_P(ListFilters, CursorsGoOnUnderTheSameFilters) {
    auto page = [&](std::vector<sql::NamedValue> given) {
        given.insert(given.end(),
                     {{"page_size", "1"}, {"status", "draft,active"}, {"sort_by", "created_at"}});
        return fixture.run(fixture.db().page(*sql::parse_list<filtered>(given)));
    };
    const auto first = page({});
    ASSERT_TRUE(first.next_cursor());
    const auto second = page({{"cursor", *first.next_cursor()}});
    EXPECT_EQ(second.items().at(0).name, "pear");
    EXPECT_FALSE(second.next_cursor());
}

TEST_P(ListFilters, AnEstimatedTotalIsANumberAndEndsNoPageEarly) {
    auto page = [&](std::vector<sql::NamedValue> given) {
        given.insert(given.end(), {{"total", "estimated"}, {"page_size", "2"}});
        return fixture.run(fixture.db().page(*sql::parse_list<filtered>(given)));
    };
    const auto all = page({});
    ASSERT_TRUE(all.total());
    EXPECT_TRUE(all.next_cursor());
    EXPECT_FALSE(page({{"page", "2"}}).next_cursor());
    EXPECT_TRUE(page({{"status", "draft,active"}, {"search", "e"}}).total());
    if (GetParam() == sql::Dialect::sqlite) {
        EXPECT_EQ(all.total(), 3u);
    }
}

TEST(ListFilterFaults, NameTheParameterAndWhatItMustBe) {
    EXPECT_EQ(faults({{"status", "draft,gone"}}), "status must be one of draft, active, archived");
    EXPECT_EQ(faults({{"status", ""}}), "status must be one of draft, active, archived");
    EXPECT_NE(faults({{"created_at_from", "yesterday"}}).find("created_at_from must be"), std::string::npos);
    EXPECT_EQ(faults({{"search", ""}}), "search must have 1 to 100 characters");
    EXPECT_EQ(faults({{"search", std::string(101, 'x')}}), "search must have 1 to 100 characters");
    EXPECT_EQ(faults({{"created_at", "2026-01-01T00:00:00Z"}}), "created_at is no parameter of this list");
    EXPECT_NE(faults({{"owner_id", "1,2"}}), "");
    std::string many = "draft";
    for (int i = 0; i < 100; ++i) {
        many += ",draft";
    }
    EXPECT_EQ(faults({{"status", many}}), "status must be at most 100 values");
}

TEST(PlannedRows, AreThoseOfTheWholePlan) {
    EXPECT_EQ(planned_rows(R"([{"Plan": {"Node Type": "Seq Scan", "Plan Rows": 1270, "Plan Width": 4, )"
                           R"("Plans": [{"Plan Rows": 9}]}}])"),
              1270u);
    EXPECT_EQ(planned_rows("[]"), 0u);
}

TEST(ListFilterSchemas, DescribeEachParameter) {
    json::SchemaSet components;
    http::OperationSchema operation(components);
    http::Provide<List<filtered>>::describe(operation);
    auto find = [&](std::string_view name) {
        const auto at = std::ranges::find(operation.parameters, name, &http::ParameterSchema::name);
        EXPECT_NE(at, operation.parameters.end()) << name;
        return *at;
    };
    EXPECT_EQ(find("status").schema,
              R"({"type":"array","maxItems":100,"items":{"$ref":"#/components/schemas/Status"}})");
    EXPECT_TRUE(find("status").has_commas);
    EXPECT_EQ(find("created_at_from").schema, R"({"type":"string","format":"date-time"})");
    EXPECT_EQ(find("created_at_to").description, "Only rows whose created_at is at most this");
    EXPECT_EQ(find("search").description,
              "Only rows with this text within name or description, whatever its case");
    EXPECT_NE(find("total").schema.find("estimated"), std::string::npos);
}

}  // namespace brio::db::test
