#include <web/assets.hpp>

#include <string>

#include <gtest/gtest.h>
#include <libdeflate.h>

namespace brio::web {
namespace {

const http::Asset* find(std::string_view path) {
    for (const auto& asset : docs()) {
        if (asset.path == path) {
            return &asset;
        }
    }
    return nullptr;
}

TEST(Docs, GzipHoldsTheIdentity) {
    ASSERT_FALSE(docs().empty());
    auto* decompressor = libdeflate_alloc_decompressor();
    for (const auto& asset : docs()) {
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

TEST(Docs, EveryFileThatThePageNamesIsCarried) {
    const auto* page = find("/docs");
    ASSERT_NE(page, nullptr);
    int named = 0;
    for (auto at = page->identity.find("\"/docs/"); at != std::string_view::npos;
         at = page->identity.find("\"/docs/", at + 1)) {
        auto path = page->identity.substr(at + 1, page->identity.find('"', at + 1) - at - 1);
        EXPECT_NE(find(path), nullptr) << path;
        ++named;
    }
    EXPECT_EQ(named, 4);
}

TEST(Docs, ThePageHasNoInlineScriptAndNamesNoOtherHost) {
    const auto* asset = find("/docs");
    ASSERT_NE(asset, nullptr);
    const auto page = asset->identity;
    EXPECT_EQ(page.find("<script>"), std::string_view::npos);
    EXPECT_EQ(page.find("://"), std::string_view::npos);
    EXPECT_EQ(page.find("=\"//"), std::string_view::npos);
}

TEST(Docs, TagsAreQuotedAndDiffer) {
    ASSERT_FALSE(docs().empty());
    for (const auto& asset : docs()) {
        EXPECT_EQ(asset.etag.size(), 18U) << asset.path;
        EXPECT_TRUE(asset.etag.starts_with('"') && asset.etag.ends_with('"')) << asset.path;
        for (const auto& other : docs()) {
            EXPECT_TRUE(&asset == &other || asset.etag != other.etag) << asset.path << other.path;
        }
    }
}

}  // namespace
}  // namespace brio::web
