#include <brio/bench/allocations.hpp>

#include <atomic>
#include <cstdlib>
#include <new>

namespace brio::bench {
namespace {

constinit std::atomic<bool> is_counting{false};
constinit std::atomic<std::uint64_t> count{0};

}  // namespace
}  // namespace brio::bench

// A sanitizer has its own, which know more of each allocation.
#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer) && !__has_feature(memory_sanitizer)

namespace {

void note_allocation() noexcept {
    using namespace brio::bench;
    if (is_counting.load(std::memory_order_relaxed)) [[unlikely]] {
        count.fetch_add(1, std::memory_order_relaxed);
    }
}

}  // namespace

// Weak, so that a program's own take their place. The other forms end in these, as the standard says
// ([new.delete]).
[[gnu::weak]] void* operator new(std::size_t size) {
    note_allocation();
    for (;;) {
        if (void* memory = std::malloc(size != 0 ? size : 1)) [[likely]] {
            return memory;
        }
        auto const handler = std::get_new_handler();
        if (handler == nullptr) {
            throw std::bad_alloc();
        }
        handler();
    }
}

[[gnu::weak]] void* operator new(std::size_t size, std::align_val_t alignment) {
    note_allocation();
    auto const step = static_cast<std::size_t>(alignment);
    for (;;) {
        if (void* memory = std::aligned_alloc(step, (size + step - 1) / step * step)) [[likely]] {
            return memory;
        }
        auto const handler = std::get_new_handler();
        if (handler == nullptr) {
            throw std::bad_alloc();
        }
        handler();
    }
}

[[gnu::weak]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::weak]] void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }

#endif

namespace brio::bench {

bool are_allocations_counted() noexcept {
    static const bool seen = [] {
        AllocationCount const counted;
        ::operator delete(::operator new(1));
        return counted.value() > 0;
    }();
    return seen;
}

AllocationCount::AllocationCount() noexcept {
    count.store(0, std::memory_order_relaxed);
    is_counting.store(true, std::memory_order_relaxed);
}

AllocationCount::~AllocationCount() { is_counting.store(false, std::memory_order_relaxed); }

std::uint64_t AllocationCount::value() const noexcept { return count.load(std::memory_order_relaxed); }

}  // namespace brio::bench
