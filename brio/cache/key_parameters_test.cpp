#include <gtest/gtest.h>

#include <brio/cache/key_parameters.hpp>
#include <brio/cache/key_text.hpp>
#include <brio/db/test_model.hpp>

namespace brio::cache {

namespace {

using db::test::listing;
using db::test::user_listing;

std::string key_of_list(std::vector<sql::NamedValue> given) {
    const auto list = sql::parse_list<listing>(given);
    EXPECT_TRUE(list.has_value());
    return Key::of(*list).bytes();
}

TEST(KeyOfAList, DefaultsAreTheSameAsThemselvesWrittenOut) {
    const auto plain = key_of_list({});
    EXPECT_EQ(plain, key_of_list({{"page", "1"}}));
    EXPECT_EQ(plain, key_of_list({{"page_size", "20"}, {"page", "1"}}));
    EXPECT_EQ(plain, key_of_list({{"sort_by", "id"}, {"sort_order", "asc"}, {"total", "exact"}}));
    EXPECT_EQ(key_of_list({{"page_size", "100"}}), key_of_list({{"page_size", "5000"}}));
    EXPECT_EQ(key_of_list({{"filters", R"({"status":"active"})"}}), key_of_list({{"status", "active"}}));
}

TEST(KeyOfAList, WhatMayChangeTheAnswerChangesTheKey) {
    const std::vector<std::string> keys{key_of_list({}),
                                        key_of_list({{"page", "2"}}),
                                        key_of_list({{"page_size", "21"}}),
                                        key_of_list({{"sort_by", "created_at"}}),
                                        key_of_list({{"sort_order", "desc"}}),
                                        key_of_list({{"status", "active"}}),
                                        key_of_list({{"status", "draft"}}),
                                        key_of_list({{"owner_id", "1"}}),
                                        key_of_list({{"owner_id", "2"}}),
                                        key_of_list({{"owner_id", "1"}, {"status", "active"}}),
                                        key_of_list({{"total", "none"}}),
                                        key_of_list({{"total", "estimated"}}),
                                        key_of_list({{"cursor", "abc"}}),
                                        key_of_list({{"cursor", "abd"}}),
                                        key_of_list({{"skip", "3"}, {"limit", "20"}}),
                                        Key::of(*sql::parse_list<user_listing>({})).bytes()};
    for (std::size_t i = 0; i < keys.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            EXPECT_NE(keys[i], keys[j]) << i << " and " << j;
        }
    }
}

struct Claims {
    std::string sub;
};
struct Search {
    std::string q;
    std::optional<int> year;
};

TEST(KeyOfAParameter, ItsKindAndItsValueCount) {
    using Name = http::Path<"name", std::string>;
    EXPECT_EQ(Key::of(Name{"a"}).bytes(), Key::of(Name{"a"}).bytes());
    EXPECT_NE(Key::of(Name{"a"}).bytes(), Key::of(Name{"b"}).bytes());
    EXPECT_NE(Key::of(http::Header<"X-Name">{"a"}).bytes(), Key::of(http::Cookie<"name">{"a"}).bytes());
    EXPECT_NE(Key::of(http::Query<Search>{{"a", 1}}).bytes(),
              Key::of(http::Query<Search>{{"a", {}}}).bytes());
    EXPECT_NE(Key::of(http::Bearer<Claims>{{"ann"}}).bytes(), Key::of(http::Bearer<Claims>{{"bob"}}).bytes());
}

TEST(KeyOfAParameter, FieldsCookiesAndClaimsAreNotShown) {
    using Maybe = http::Cookie<"a", std::optional<std::string>>;
    EXPECT_EQ(key_text(Key::of(http::Header<"X-Key">{"secret"}, Maybe{"secret"}, Maybe{}).bytes()),
              "15 bytes 15 bytes -");
    EXPECT_EQ(key_text(Key::of(http::Bearer<Claims>{{"secret"}}).bytes()), "33 bytes");
    EXPECT_NE(Key::of(Maybe{"a"}).bytes(), Key::of(Maybe{"b"}).bytes());
    EXPECT_NE(Key::of(Maybe{""}).bytes(), Key::of(Maybe{}).bytes());
}

TEST(KeyOfAParameter, WhoAsksIsAnIdentity) {
    EXPECT_TRUE(is_identity<http::Request>);
    EXPECT_TRUE((is_identity<http::Bearer<Claims, "read">>));
    EXPECT_TRUE((is_identity<http::Header<"authorization">>));
    EXPECT_TRUE((is_identity<http::Header<"COOKIE", std::optional<std::string>>>));
    EXPECT_TRUE((is_identity<http::Cookie<"theme">>));
    EXPECT_FALSE((is_identity<http::Header<"Accept-Language">>));
    EXPECT_FALSE((is_identity<http::Path<"id", Id<Claims>>>));
    EXPECT_FALSE(is_identity<db::Db>);
    EXPECT_FALSE(is_identity<sql::List<listing>>);
}

}  // namespace

}  // namespace brio::cache
