#include <gtest/gtest.h>

#include <brio/sql/list_request.hpp>

namespace brio::sql {
namespace {

bool parse_status(std::string_view text, Values& into, std::string& message) {
    into.add_bytes(text);
    message = "must be one of draft, active";
    return text == "draft" || text == "active";
}
bool parse_owner(std::string_view text, Values& into, std::string& message) {
    into.add_integer(std::atoll(std::string(text).c_str()));
    message = "must be an integer from 1 on";
    return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}
constexpr std::array filters{FilterColumn{"status", parse_status}, FilterColumn{"owner_id", parse_owner}};
constexpr std::array<std::string_view, 2> sorts{"created_at", "id"};
constexpr ListShape shape{.filters = filters, .sorts = sorts, .page_size = 20, .most_page_size = 100};

std::expected<ListRequest, std::vector<ListFault>> parse(std::vector<NamedValue> given) {
    return parse_list(shape, given);
}

/// The names of the parameters that are at fault, in order.
std::string faults(std::vector<NamedValue> given) {
    const auto list = parse(std::move(given));
    std::string names;
    if (!list) {
        for (const ListFault& fault : list.error()) {
            names += (names.empty() ? "" : " ") + fault.name + (fault.too_deep ? "!" : "");
        }
    }
    return names;
}

}  // namespace

TEST(ListRequest, NothingGivenIsTheFirstPageById) {
    const auto list = parse({});
    ASSERT_TRUE(list);
    EXPECT_EQ(list->page, 1u);
    EXPECT_EQ(list->page_size, 20u);
    EXPECT_EQ(list->skip, 0u);
    EXPECT_EQ(list->sort, sorts.size());
    EXPECT_FALSE(list->descending);
    EXPECT_EQ(list->total, Total::exact);
    EXPECT_EQ(list->filters, 0u);
}

TEST(ListRequest, PageSizeIsClampedAndNeverZero) {
    EXPECT_EQ(parse({{"page_size", "5000"}})->page_size, 100u);
    EXPECT_EQ(faults({{"page_size", "0"}}), "page_size");
    EXPECT_EQ(faults({{"page", "0"}}), "page");
    EXPECT_EQ(faults({{"page", "-1"}, {"page_size", "x"}}), "page_size page");
    EXPECT_EQ(faults({{"page", "1.5"}}), "page");
}

TEST(ListRequest, DepthIsBoundedWithoutOverflow) {
    EXPECT_EQ(parse({{"page", "1001"}, {"page_size", "100"}})->skip, 100'000u);
    EXPECT_EQ(faults({{"page", "1002"}, {"page_size", "100"}}), "page!");
    EXPECT_EQ(faults({{"page", "9223372036854775807"}, {"page_size", "100"}}), "page!");
    EXPECT_EQ(faults({{"page", "18446744073709551615"}}), "page!");
    EXPECT_EQ(faults({{"page", "99999999999999999999999"}}), "page");
    EXPECT_EQ(faults({{"skip", "100001"}}), "skip!");
}

TEST(ListRequest, SkipAndLimitStandInPlaceOfPages) {
    const auto list = parse({{"skip", "30"}});
    EXPECT_EQ(list->skip, 30u);
    EXPECT_EQ(list->page_size, 100u);
    EXPECT_EQ(parse({{"limit", "10"}, {"skip", "30"}})->page, 4u);
    EXPECT_EQ(faults({{"skip", "1"}, {"page", "1"}}), "skip");
    EXPECT_EQ(faults({{"limit", "1"}, {"page_size", "1"}}), "limit");
    EXPECT_EQ(faults({{"limit", "0"}}), "limit");
    EXPECT_EQ(faults({{"skip", "-1"}}), "skip");
}

TEST(ListRequest, OnlyListedColumnsSort) {
    EXPECT_EQ(parse({{"sort_by", "created_at"}, {"sort_order", "desc"}})->sort, 0u);
    EXPECT_TRUE(parse({{"sort_order", "desc"}})->descending);
    EXPECT_EQ(parse({{"sort_by", "id"}})->sort, 1u);
    EXPECT_EQ(faults({{"sort_by", "password_hash"}}), "sort_by");
    EXPECT_EQ(faults({{"sort_by", "created_at; DROP TABLE users"}}), "sort_by");
    EXPECT_EQ(faults({{"sort_order", "DESC"}}), "sort_order");
}

TEST(ListRequest, NamedFiltersAndTheJsonObjectAreTheSame) {
    const auto named = parse({{"owner_id", "7"}, {"status", "active"}});
    const auto object = parse({{"filters", R"({"owner_id":7,"status":"active"})"}});
    ASSERT_TRUE(named && object);
    EXPECT_EQ(named->filters, 3u);
    EXPECT_EQ(object->filters, 3u);
    for (const auto* list : {&*named, &*object}) {
        ASSERT_EQ(list->filter_values.size(), 2u);
        EXPECT_EQ(list->filter_values[0].bytes, "active");
        EXPECT_EQ(list->filter_values[1].integer, 7);
    }
}

TEST(ListRequest, EveryFaultIsListedWithItsParameter) {
    EXPECT_EQ(faults({{"nonsense", "1"}, {"page", "x"}, {"status", "gone"}, {"owner_id", "x"}}),
              "nonsense page status owner_id");
    EXPECT_EQ(faults({{"status", "active"}, {"status", "draft"}}), "status");
    EXPECT_EQ(faults({{"status", "active"}, {"filters", R"({"status":"draft"})"}}), "filters.status");
    EXPECT_EQ(faults({{"filters", "[1]"}}), "filters");
    EXPECT_EQ(faults({{"filters", "{"}}), "filters");
    EXPECT_EQ(faults({{"filters", R"({"status":null})"}}), "filters.status");
    EXPECT_EQ(faults({{"filters", R"({"password":"x"})"}}), "filters.password");
    EXPECT_EQ(faults({{"total", "some"}}), "total");
    EXPECT_EQ(parse({{"total", "estimated"}})->total, Total::estimated);
}

TEST(ListRequest, ACursorStandsInPlaceOfAPageNumber) {
    EXPECT_EQ(parse({{"cursor", "abc"}, {"page_size", "5"}})->cursor, "abc");
    EXPECT_EQ(faults({{"cursor", "abc"}, {"page", "2"}}), "cursor");
    EXPECT_EQ(faults({{"cursor", ""}}), "cursor");
}

}  // namespace brio::sql
