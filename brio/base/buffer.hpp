// A growable byte buffer that encoders write into without going through std::string.
//
// Not thread-safe. Views into it end at the next call that may grow it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

namespace brio {

class Buffer {
public:
    Buffer() noexcept = default;
    explicit Buffer(std::size_t capacity) { reserve(capacity); }
    Buffer(Buffer&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)),
          size_(std::exchange(other.size_, 0)),
          capacity_(std::exchange(other.capacity_, 0)) {}
    Buffer& operator=(Buffer&& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        std::swap(capacity_, other.capacity_);
        return *this;
    }
    ~Buffer() { std::free(data_); }

    char* data() noexcept { return data_; }
    const char* data() const noexcept { return data_; }
    std::size_t size() const noexcept { return size_; }
    std::size_t capacity() const noexcept { return capacity_; }
    bool empty() const noexcept { return size_ == 0; }
    std::string_view view() const noexcept { return {data_, size_}; }

    /// Room for at least `n` more bytes; returns where they go. Follow with commit(). Throws std::bad_alloc.
    char* prepare(std::size_t n) {
        if (capacity_ - size_ < n) [[unlikely]] {
            grow(size_ + n);
        }
        return data_ + size_;
    }
    /// Makes `n` bytes written after prepare() part of the content.
    void commit(std::size_t n) noexcept { size_ += n; }

    void append(std::string_view bytes) {
        if (!bytes.empty()) {
            std::memcpy(prepare(bytes.size()), bytes.data(), bytes.size());
            size_ += bytes.size();
        }
    }
    void push_back(char byte) {
        *prepare(1) = byte;
        ++size_;
    }
    /// Drops the first `n` bytes; what follows moves to the front.
    void consume(std::size_t n) noexcept {
        size_ -= n;
        if (size_ != 0) {
            std::memmove(data_, data_ + n, size_);
        }
    }
    void resize(std::size_t size) {
        if (size > size_) {
            std::memset(prepare(size - size_), 0, size - size_);
        }
        size_ = size;
    }
    void clear() noexcept { size_ = 0; }
    void reserve(std::size_t capacity) {
        if (capacity > capacity_) {
            grow(capacity);
        }
    }
    /// Gives the memory back.
    void reset() noexcept {
        std::free(data_);
        data_ = nullptr;
        size_ = capacity_ = 0;
    }

private:
    void grow(std::size_t least);

    char* data_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace brio
