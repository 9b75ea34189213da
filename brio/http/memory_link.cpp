#include <brio/http/memory_link.hpp>

#include <sys/epoll.h>

#include <algorithm>
#include <cstring>

#include <brio/http/connection.hpp>

namespace brio::http {

MemoryLink::MemoryLink(ServerLoop& server) { server.adopt(*this); }

MemoryLink::~MemoryLink() {
    if (connection_ != nullptr) {
        connection_->link_ = nullptr;
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

std::size_t MemoryLink::take(char* to, std::size_t room) noexcept {
    auto const size = std::min(room, sent_.size() - at_);
    std::memcpy(to, sent_.data() + at_, size);
    at_ += size;
    if (at_ == sent_.size()) {
        sent_.clear();
        at_ = 0;
    }
    return size;
}

}  // namespace brio::http
