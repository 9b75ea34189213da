#include <brio/bench/allocations.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

namespace brio::bench {
namespace {

struct alignas(128) Wide {
    char bytes[128];
};

TEST(Allocations, OfAllThreadsAndFormsAreCountedWhileSomebodyCounts) {
    if (!are_allocations_counted()) {
        GTEST_SKIP() << "a sanitizer has an operator new of its own";
    }
    std::thread other;
    {
        AllocationCount const count;
        EXPECT_EQ(count.value(), 0);
        ::operator delete(::operator new(10));
        EXPECT_EQ(count.value(), 1);
        ::operator delete[](::operator new[](10));
        ::operator delete(::operator new(10, std::nothrow));
        Wide* volatile wide = new Wide();  // which the compiler may not leave out
        delete wide;
        EXPECT_EQ(count.value(), 4);
        other = std::thread([] { ::operator delete(::operator new(10)); });
        other.join();
        EXPECT_GE(count.value(), 5);
    }
    ::operator delete(::operator new(10));
    AllocationCount const again;
    EXPECT_EQ(again.value(), 0);
}

}  // namespace
}  // namespace brio::bench
