#include <brio/http/memory_link.hpp>

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <brio/http/connection.hpp>

namespace brio::http {

MemoryLink::MemoryLink(ServerLoop& server) { server.adopt(*this); }

MemoryLink::~MemoryLink() {
    if (connection_ != nullptr) {
        connection_->transport_ = nullptr;
        connection_->close();
    }
}

void MemoryLink::send(std::string_view bytes) {
    if (connection_ != nullptr) {
        sent_.append(bytes);
        connection_->loop().refresh_now();  // as a turn does before it says that bytes have come
        connection_->on_ready(EPOLLIN);
    }
}

std::ptrdiff_t MemoryLink::receive(char* to, std::size_t room) noexcept {
    auto const size = std::min(room, sent_.size() - at_);
    std::memcpy(to, sent_.data() + at_, size);
    at_ += size;
    if (at_ == sent_.size()) {
        sent_.clear();
        at_ = 0;
    }
    errno = EAGAIN;
    return size != 0 ? static_cast<std::ptrdiff_t>(size) : -1;
}

std::ptrdiff_t MemoryLink::transmit(std::string_view first, std::string_view second) noexcept {
    received_.append(first).append(second);
    return static_cast<std::ptrdiff_t>(first.size() + second.size());
}

}  // namespace brio::http
