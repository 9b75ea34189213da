#include <brio/json/required.hpp>

#include <cstring>
#include <new>

namespace brio::json::detail {

// `make` is called through a pointer and the memory is behind another, so the compiler can neither drop the
// pattern as dead nor know that a field was left alone.
std::uint64_t initialised_fields(std::size_t size, void (*make)(void*), void (*destroy)(void*),
                                 const Place* places, std::size_t count) {
    constexpr auto alignment = std::align_val_t{64};
    std::uint64_t initialised = 0;
    auto* memory = static_cast<unsigned char*>(::operator new(size, alignment));
    for (const unsigned char pattern : {0xA5, 0x5A}) {
        std::memset(memory, pattern, size);
        asm volatile("" : : "r"(memory) : "memory");
        make(memory);
        asm volatile("" : : "r"(memory) : "memory");
        for (std::size_t i = 0; i < count; ++i) {
            for (std::size_t byte = 0; byte < places[i].size; ++byte) {
                const bool changed = memory[places[i].offset + byte] != pattern;
                initialised |= static_cast<std::uint64_t>(changed) << i;
            }
        }
        destroy(memory);
    }
    ::operator delete(memory, alignment);
    return initialised;
}

}  // namespace brio::json::detail
