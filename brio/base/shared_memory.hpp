// Memory that a process shares with those that it forks: zero at first, at one address in all of them,
// backed by pages as they are touched.
#pragma once
#include <sys/mman.h>

#include <cerrno>
#include <system_error>
#include <type_traits>

namespace brio {

/// One T whose bytes are all zero: T must be whole like that, without a constructor's help, and hold no
/// addresses of what a process makes after the fork. What is in it outlives every process but the last.
template <class T>
class SharedMemory {
public:
    static_assert(std::is_trivially_destructible_v<T>);

    /// Throws std::system_error.
    SharedMemory() {
        void* const memory =
            ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) {
            throw std::system_error(errno, std::generic_category(), "shared memory (mmap)");
        }
        value_ = static_cast<T*>(memory);
    }
    ~SharedMemory() { ::munmap(value_, sizeof(T)); }
    SharedMemory(const SharedMemory&) = delete;
    SharedMemory& operator=(const SharedMemory&) = delete;

    T& operator*() const noexcept { return *value_; }
    T* operator->() const noexcept { return value_; }

private:
    T* value_;
};

}  // namespace brio
