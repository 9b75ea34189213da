// One value that is written and read by any number of threads and processes without a lock: whoever reads
// gets a whole one or none.
//
// A sequence lock over relaxed atomic words (H.-J. Boehm, Can seqlocks get along with programming language
// memory models?, 2012). All zero is an empty slot. Nothing waits, so it can be used in a signal handler, and
// a writer that dies in between leaves a slot that nobody can read or write any more.
#pragma once
#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace brio {

template <class T>
class SharedSlot {
public:
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) % 8 == 0);

    /// False when another is writing: then nothing was done.
    bool write(const T& value) noexcept {
        auto version = version_.load(std::memory_order_relaxed);
        if (version % 2 != 0 ||
            !version_.compare_exchange_strong(version, version + 1, std::memory_order_acq_rel)) {
            return false;
        }
        std::atomic_thread_fence(std::memory_order_release);
        const auto* from = reinterpret_cast<const char*>(&value);
        for (auto& each : words_) {
            std::uint64_t word;
            std::memcpy(&word, from, sizeof word);
            each.store(word, std::memory_order_relaxed);
            from += sizeof word;
        }
        version_.store(version + 2, std::memory_order_release);
        return true;
    }
    /// False when it is empty or was written meanwhile: then `into` is no value.
    bool read(T& into) const noexcept {
        const auto version = version_.load(std::memory_order_acquire);
        if (version == 0 || version % 2 != 0) {
            return false;
        }
        auto* to = reinterpret_cast<char*>(&into);
        for (const auto& each : words_) {
            const auto word = each.load(std::memory_order_relaxed);
            std::memcpy(to, &word, sizeof word);
            to += sizeof word;
        }
        std::atomic_thread_fence(std::memory_order_acquire);
        return version_.load(std::memory_order_relaxed) == version;
    }

private:
    std::atomic<std::uint64_t> version_{0};  // odd while it is written
    std::array<std::atomic<std::uint64_t>, sizeof(T) / 8> words_{};
};

}  // namespace brio
