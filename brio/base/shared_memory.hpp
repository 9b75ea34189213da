// Memory that a process shares with those that it forks: zero at first, at one address in all of them,
// backed by pages as they are touched.
#pragma once
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

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
    SharedMemory() : value_(map(-1, MAP_SHARED | MAP_ANONYMOUS)) {}
    /// That of a file in memory (memfd_create), which gets its size here if it is empty: whoever maps the
    /// file has the same T. Throws std::system_error.
    explicit SharedMemory(int file) {
        struct stat found{};
        if (::fstat(file, &found) != 0 ||
            (found.st_size == 0 && ::ftruncate(file, static_cast<off_t>(sizeof(T))) != 0)) {
            throw std::system_error(errno, std::generic_category(), "shared memory (ftruncate)");
        }
        value_ = map(file, MAP_SHARED);
    }
    ~SharedMemory() { ::munmap(value_, sizeof(T)); }
    SharedMemory(const SharedMemory&) = delete;
    SharedMemory& operator=(const SharedMemory&) = delete;

    T& operator*() const noexcept { return *value_; }
    T* operator->() const noexcept { return value_; }

private:
    static T* map(int file, int flags) {
        void* const memory = ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, flags, file, 0);
        if (memory == MAP_FAILED) {
            throw std::system_error(errno, std::generic_category(), "shared memory (mmap)");
        }
        return static_cast<T*>(memory);
    }

    T* value_;
};

}  // namespace brio
