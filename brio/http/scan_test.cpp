#include <brio/http/detail/known_names.hpp>
#include <brio/http/detail/scan.hpp>

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace brio::http::detail {
namespace {

using Scan = const char* (*)(const char*, const char*, const char*);

/// The vector scan stops where the table does: every byte at every distance from both ends.
void expect_like_the_table(Scan scan, CharClass bit, char filler) {
    for (std::size_t size = 1; size <= 40; ++size) {
        for (std::size_t at = 0; at < size; ++at) {
            for (int byte = 0; byte < 256; ++byte) {
                std::string text(size, filler);
                text[at] = static_cast<char>(byte);
                for (const std::size_t from : {std::size_t{0}, at / 2, at}) {
                    const char* const begin = text.data();
                    ASSERT_EQ(scan(begin, begin + from, begin + size) - begin,
                              scan_by_table(begin + from, begin + size, bit) - begin)
                        << "byte " << byte << " at " << at << " of " << size << " from " << from;
                }
            }
        }
    }
}

TEST(Scan, NamesStopAsByTable) { expect_like_the_table(scan_name, token_char, 'a'); }
TEST(Scan, ValuesStopAsByTable) { expect_like_the_table(scan_value, value_char, '\t'); }
TEST(Scan, TargetsStopAsByTable) { expect_like_the_table(scan_target, target_char, '~'); }

TEST(KnownNames, OnlyTheNamesThemselvesAreKnown) {
    std::mt19937 random(11);
    constexpr std::string_view characters = "!#$%&'*+-.^_`|~0123456789abcdefgimnoprstuvxyABCDEFGIMNOPRSTUVXY";
    for (int round = 0; round < 200'000; ++round) {
        const auto index = random() % known_count;
        std::string name(known_names[index]);
        name[random() % name.size()] = characters[random() % characters.size()];
        const auto found = known_name(name);
        const bool same = equals_ignoring_case(name, known_names[index]);
        ASSERT_EQ(found.has_value(), same) << name;
        ASSERT_TRUE(!found || static_cast<std::size_t>(*found) == index) << name;
    }
    EXPECT_FALSE(known_name("x"));
    EXPECT_FALSE(known_name("hos"));
    EXPECT_FALSE(known_name("hosts"));
}

}  // namespace
}  // namespace brio::http::detail
