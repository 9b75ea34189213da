#include <brio/base/buffer.hpp>

#include <new>

namespace brio {

void Buffer::grow(std::size_t least) {
    std::size_t capacity = capacity_ < 256 ? 256 : capacity_ * 2;
    if (capacity < least) {
        capacity = least;
    }
    auto* data = static_cast<char*>(std::realloc(data_, capacity));
    if (data == nullptr) {
        throw std::bad_alloc();
    }
    data_ = data;
    capacity_ = capacity;
}

}  // namespace brio
