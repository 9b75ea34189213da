#include <brio/http/router.hpp>

#include <gtest/gtest.h>

namespace brio::http {
namespace {

NoContent nothing() { return {}; }

Router& filled() {
    static Router router;
    static bool const once = [] {
        auto const add = [](std::string_view pattern) {
            router.add_endpoint(Method::get, pattern, make_endpoint(nothing));
        };
        add("/");
        add("/a");
        add("/a/b");
        add("/a/{x}");
        add("/a/{x}/c");
        add("/a/b/{y}/d");
        add("/{x}/{y}/e");
        add("/files/{path...}");
        router.add_endpoint(Method::post, "/a", make_endpoint(nothing));
        return true;
    }();
    (void)once;
    return router;
}

struct Found {
    std::string pattern;
    std::vector<std::string> values;
    bool operator==(const Found&) const = default;
};

Found find(std::string_view path) {
    std::array<std::string_view, most_path_values> values{};
    auto const match = filled().find(Method::get, path, values);
    if (match.route == nullptr) {
        return {"none", {}};
    }
    Found found{match.route->pattern, {}};
    for (std::size_t i = 0; i < match.route->path_names.size(); ++i) {
        found.values.emplace_back(values[i]);
    }
    return found;
}

TEST(Router, FindsStaticPathsWhole) {
    EXPECT_EQ(find("/"), (Found{"/", {}}));
    EXPECT_EQ(find("/a"), (Found{"/a", {}}));
    EXPECT_EQ(find("/a/"), (Found{"none", {}}));
    EXPECT_EQ(find("//a"), (Found{"none", {}}));
    EXPECT_EQ(find("/A"), (Found{"none", {}}));
}

TEST(Router, ALiteralGoesBeforeAParameter) {
    EXPECT_EQ(find("/a/b"), (Found{"/a/b", {}}));
    EXPECT_EQ(find("/a/z"), (Found{"/a/{x}", {"z"}}));
}

TEST(Router, GoesBackToAParameterWhenALiteralLeadsNowhere) {
    EXPECT_EQ(find("/a/b/c"), (Found{"/a/{x}/c", {"b"}}));
    EXPECT_EQ(find("/a/b/q/d"), (Found{"/a/b/{y}/d", {"q"}}));
    EXPECT_EQ(find("/a/b/e"), (Found{"/{x}/{y}/e", {"a", "b"}}));
    EXPECT_EQ(find("/a/b/q/x"), (Found{"none", {}}));
}

TEST(Router, ARestTakesEverySegmentThatIsLeft) {
    EXPECT_EQ(find("/files/x/y/z.css"), (Found{"/files/{path...}", {"x/y/z.css"}}));
    EXPECT_EQ(find("/files"), (Found{"none", {}}));
}

TEST(Router, EscapedLettersOfALiteralMatchAndAnEscapedSlashDoesNotSeparate) {
    EXPECT_EQ(find("/%61/z"), (Found{"/a/{x}", {"z"}}));
    EXPECT_EQ(find("/a/z%2Fc"), (Found{"/a/{x}", {"z%2Fc"}}));
}

TEST(Router, TellsTheMethodsOfAPathThatHasNotThisOne) {
    std::array<std::string_view, most_path_values> values{};
    auto const match = filled().find(Method::put, "/a", values);
    EXPECT_EQ(match.route, nullptr);
    EXPECT_EQ(allow_field(match.allowed), "GET, HEAD, POST, OPTIONS");
}

TEST(Pattern, WhatIsNoPatternIsRefused) {
    static_assert(is_valid_pattern("/"));
    static_assert(is_valid_pattern("/a/{b}/{c...}"));
    for (auto const* wrong : {"", "a", "/a/", "//", "/{}", "/a{b}", "/{a...}/b", "/a?b", "/a b"}) {
        EXPECT_FALSE(is_valid_pattern(wrong)) << wrong;
    }
}

}  // namespace
}  // namespace brio::http
