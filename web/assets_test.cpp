#include <web/assets.hpp>

#include <string>

#include <gtest/gtest.h>
#include <libdeflate.h>

namespace brio::web {
namespace {

using Pages = std::span<const http::Asset>;

const http::Asset* find(Pages pages, std::string_view path) {
    for (const auto& asset : pages) {
        if (asset.path == path) {
            return &asset;
        }
    }
    return nullptr;
}

void expect_whole(Pages pages) {
    ASSERT_FALSE(pages.empty());
    auto* decompressor = libdeflate_alloc_decompressor();
    for (const auto& asset : pages) {
        if (asset.gzip.empty()) {
            continue;
        }
        std::string out(asset.identity.size(), '\0');
        std::size_t size = 0;
        ASSERT_EQ(libdeflate_gzip_decompress(decompressor, asset.gzip.data(), asset.gzip.size(), out.data(),
                                             out.size(), &size),
                  LIBDEFLATE_SUCCESS)
            << asset.path;
        EXPECT_EQ(size, asset.identity.size()) << asset.path;
        EXPECT_TRUE(out == asset.identity) << asset.path;
    }
    libdeflate_free_decompressor(decompressor);
}

TEST(Docs, GzipHoldsTheIdentity) { expect_whole(docs()); }
TEST(Dashboard, GzipHoldsTheIdentity) { expect_whole(dashboard()); }

/// How many files of `folder` the page names; each of them is carried.
int files_named(Pages pages, const http::Asset& page, std::string_view folder) {
    const auto beginning = std::string("\"").append(folder);
    int named = 0;
    for (auto at = page.identity.find(beginning); at != std::string_view::npos;
         at = page.identity.find(beginning, at + 1)) {
        auto path = page.identity.substr(at + 1, page.identity.find('"', at + 1) - at - 1);
        EXPECT_NE(find(pages, path), nullptr) << path;
        ++named;
    }
    return named;
}

TEST(Docs, EveryFileThatThePageNamesIsCarried) {
    const auto* page = find(docs(), "/docs");
    ASSERT_NE(page, nullptr);
    EXPECT_EQ(files_named(docs(), *page, "/docs/"), 4);
}

TEST(Dashboard, EveryFileThatThePageNamesIsCarried) {
    const auto* page = find(dashboard(), "/");
    ASSERT_NE(page, nullptr);
    EXPECT_EQ(files_named(dashboard(), *page, "/dashboard/"), 3);
}

void expect_of_its_own(const http::Asset* page) {
    ASSERT_NE(page, nullptr);
    EXPECT_EQ(page->identity.find("<script>"), std::string_view::npos);
    EXPECT_EQ(page->identity.find("://"), std::string_view::npos);
    EXPECT_EQ(page->identity.find("=\"//"), std::string_view::npos);
}

TEST(Docs, ThePageHasNoInlineScriptAndNamesNoOtherHost) { expect_of_its_own(find(docs(), "/docs")); }

TEST(Dashboard, ThePageHasNoInlineScriptAndNamesNoOtherHost) {
    const auto* page = find(dashboard(), "/");
    expect_of_its_own(page);
    EXPECT_NE(page->policy.find("default-src 'none'"), std::string_view::npos);
    EXPECT_NE(page->policy.find("frame-ancestors 'none'"), std::string_view::npos);
    EXPECT_EQ(page->policy.find("unsafe"), std::string_view::npos);
    EXPECT_EQ(page->policy.find("http"), std::string_view::npos);
}

TEST(Dashboard, IsSmall) {
    std::size_t bytes = 0;
    for (const auto& asset : dashboard()) {
        bytes += asset.gzip.empty() ? asset.identity.size() : asset.gzip.size();
    }
    EXPECT_GT(bytes, 0U);
    EXPECT_LT(bytes, 80U * 1024);
}

TEST(Pages, TagsAreQuotedAndDiffer) {
    for (const auto pages : {docs(), dashboard()}) {
        for (const auto& asset : pages) {
            EXPECT_EQ(asset.etag.size(), 18U) << asset.path;
            EXPECT_TRUE(asset.etag.starts_with('"') && asset.etag.ends_with('"')) << asset.path;
            for (const auto& other : pages) {
                EXPECT_TRUE(&asset == &other || asset.etag != other.etag) << asset.path << other.path;
            }
        }
    }
}

}  // namespace
}  // namespace brio::web
