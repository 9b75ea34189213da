#include <bench/generator/idle.hpp>

#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <bench/common/listener.hpp>
#include <brio/load/answer_reader.hpp>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace bench {
namespace {

using brio::load::AnswerReader;

void allow_open_files(std::size_t wanted) {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < wanted) {
        limit.rlim_cur = wanted;
        limit.rlim_max = std::max<rlim_t>(limit.rlim_max, wanted);
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
            throw std::system_error(errno, std::generic_category(), "raising the limit of open files");
        }
    }
}

void exchange(int fd, std::string_view request) {
    AnswerReader reader;
    char input[16384];
    if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) {
        throw std::system_error(errno, std::generic_category(), "sending the request of an idle connection");
    }
    while (true) {
        pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
        if (poll(&waiting, 1, 10'000) != 1) {
            throw std::runtime_error("no answer within 10 s");
        }
        const ssize_t count = recv(fd, input, sizeof input, 0);
        if (count <= 0) {
            throw std::runtime_error("the server closed a connection instead of answering");
        }
        std::string_view bytes(input, static_cast<std::size_t>(count));
        const auto state = reader.feed(bytes);
        if (state == AnswerReader::State::broken) {
            throw std::runtime_error("the server answered no HTTP/1.1");
        }
        if (state == AnswerReader::State::whole) {
            if (reader.status() < 200 || reader.status() > 299) {
                throw std::runtime_error("the server answered " + std::to_string(reader.status()));
            }
            return;
        }
    }
}

}  // namespace

std::vector<int> open_idle_connections(std::uint16_t port, std::size_t connections, const RequestPool& pool) {
    allow_open_files(connections + 64);
    std::vector<int> open;
    open.reserve(connections);
    for (std::size_t i = 0; i < connections; ++i) {
        open.push_back(connect_to(port));
        exchange(open.back(), pool.run(i % pool.size(), 1));
    }
    return open;
}

}  // namespace bench
