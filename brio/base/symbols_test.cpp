#include <brio/base/symbols.hpp>

#include <gtest/gtest.h>

#include <cstdlib>

#include <brio/base/elf_symbols.hpp>

namespace brio {

[[gnu::noinline]] int add_for_symbols(int one, int other) {
    asm volatile("");
    return one + other;
}

namespace {

TEST(Symbols, NamesAFunctionOfTheProgramByAnyAddressInIt) {
    Symbols symbols;
    const auto begin = reinterpret_cast<std::uint64_t>(&add_for_symbols);
    EXPECT_EQ(symbols.name_of(begin), "brio::add_for_symbols(int, int)");
    EXPECT_EQ(symbols.name_of(begin + 1), "brio::add_for_symbols(int, int)");
}

TEST(Symbols, NamesAFunctionOfALibrary) {
    Symbols symbols;
    const auto name = symbols.name_of(reinterpret_cast<std::uint64_t>(&std::malloc));
    EXPECT_NE(name.find("malloc"), name.npos) << name;
}

TEST(Symbols, AnAddressOfNothingHasNoName) {
    Symbols symbols;
    EXPECT_EQ(symbols.name_of(8), "?");
}

TEST(Demangled, KnowsExplicitObjectParameters) {
    EXPECT_EQ(demangled("_ZNH4brio2db2Db4pageES1_i"), "brio::db::Db::page(brio::db::Db, int)");
    EXPECT_EQ(demangled("_ZN4brio2db2Db4pageEi"), "brio::db::Db::page(int)");
    EXPECT_EQ(demangled("_ZNH"), "_ZNH");
    EXPECT_EQ(demangled("main"), "main");
}

TEST(WithoutCompilerSuffix, ACoroutinesPartsHaveItsName) {
    EXPECT_EQ(without_compiler_suffix("fetch(int) (.resume)"), "fetch(int)");
    EXPECT_EQ(without_compiler_suffix("fetch(int) (.resume) (.cold)"), "fetch(int)");
    EXPECT_EQ(without_compiler_suffix("fetch(int) [clone .resume]"), "fetch(int)");
    EXPECT_EQ(without_compiler_suffix("fetch(int (*)(long))"), "fetch(int (*)(long))");
}

}  // namespace
}  // namespace brio
