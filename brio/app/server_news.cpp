#include <brio/app/server_news.hpp>

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <brio/json/read.hpp>
#include <brio/json/write.hpp>

namespace brio::app {
namespace {

constexpr std::size_t most_descriptors = most_told_listeners + 2;  // the admin server's, the redirect's
constexpr std::size_t most_message = 16 * 1024;

std::vector<runtime::File> descriptors_of(const msghdr& message) {
    std::vector<runtime::File> files;
    auto& header = const_cast<msghdr&>(message);
    for (auto* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        auto const count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
            files.emplace_back(fd);
        }
    }
    return files;
}

// The numbers that the sender's descriptors have here.
bool renumber(HandedListeners& listeners, std::vector<runtime::File>& files) {
    if (files.size() != descriptors(listeners).size()) {
        return false;
    }
    auto next = files.begin();
    for (auto& each : listeners.api) {
        each = (next++)->release();
    }
    for (auto* each : {&listeners.admin, &listeners.redirect}) {
        if (*each >= 0) {
            *each = (next++)->release();
        }
    }
    return true;
}

}  // namespace

NewsSockets NewsSockets::open() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) {
        throw std::system_error(errno, std::generic_category(), "socketpair");
    }
    return {.supervisor = runtime::File(ends[0]), .servers = runtime::File(ends[1])};
}

bool tell(int socket, const ServerNews& news) noexcept {
    try {
        auto text = json::to_string(news);
        auto const all = news.listeners ? descriptors(*news.listeners) : std::vector<std::int32_t>{};
        if (all.size() > most_descriptors || text.size() > most_message) {
            return false;
        }
        iovec part{.iov_base = text.data(), .iov_len = text.size()};
        alignas(cmsghdr) char control[CMSG_SPACE(most_descriptors * sizeof(int))];
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        if (!all.empty()) {
            message.msg_control = control;
            message.msg_controllen = CMSG_SPACE(all.size() * sizeof(int));
            auto* header = CMSG_FIRSTHDR(&message);
            header->cmsg_level = SOL_SOCKET;
            header->cmsg_type = SCM_RIGHTS;
            header->cmsg_len = CMSG_LEN(all.size() * sizeof(int));
            std::memcpy(CMSG_DATA(header), all.data(), all.size() * sizeof(int));
        }
        ssize_t sent = -1;
        do {
            sent = ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        } while (sent < 0 && errno == EINTR);
        return sent == static_cast<ssize_t>(text.size());
    } catch (const std::bad_alloc&) {
        return false;
    }
}

std::optional<ServerNews> hear(int socket) {
    std::vector<char> text(most_message);
    alignas(cmsghdr) char control[CMSG_SPACE(most_descriptors * sizeof(int))];
    for (;;) {
        iovec part{.iov_base = text.data(), .iov_len = text.size()};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        auto const size = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size <= 0) {
            return std::nullopt;
        }
        auto files = descriptors_of(message);
        auto news = json::read<ServerNews>({text.data(), static_cast<std::size_t>(size)});
        if (news && (!news->listeners || renumber(*news->listeners, files))) {
            return *std::move(news);
        }
    }
}

}  // namespace brio::app
