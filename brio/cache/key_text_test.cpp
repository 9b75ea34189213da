#include <brio/cache/key_text.hpp>

#include <gtest/gtest.h>

#include <brio/cache/key.hpp>

namespace brio::cache {
namespace {

struct Filter {
    std::optional<int> of;
    std::string name;
};

TEST(KeyText, ShowsTheValuesInOrder) {
    EXPECT_EQ(key_text(Key::of("GET /things", 7, -3, true, std::nullopt, 1.5).bytes()),
              "GET /things 7 -3 true - 1.500000");
    EXPECT_EQ(key_text(Key::of(Filter{3, "a b"}).bytes()), "3 a b");
    EXPECT_EQ(key_text({}), "");
}

TEST(KeyText, ShowsWhatCannotBePrintedAsPointsAndCutsWhatIsLong) {
    EXPECT_EQ(key_text(Key::of("a\nb\x7f").bytes()), "a.b.");
    EXPECT_EQ(key_text(Key::of(std::string(61, 'x')).bytes()), std::string(60, 'x') + "…");
    EXPECT_LT(key_text(Key::of(std::vector<std::string>(100, std::string(50, 'y'))).bytes()).size(), 400u);
}

TEST(KeyText, EndsWhereTheBytesAreNoKey) {
    EXPECT_EQ(key_text("s"), "…");
    const auto whole = Key::of("GET /things", 7).bytes();
    for (std::size_t size = 1; size < whole.size(); ++size) {
        if (size != 20) {  // there the first value ends
            EXPECT_TRUE(key_text(whole.substr(0, size)).ends_with("…")) << size;
        }
    }
    EXPECT_EQ(key_text("\x80"), "…");
}

}  // namespace
}  // namespace brio::cache
