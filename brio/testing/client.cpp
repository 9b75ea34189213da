#include <brio/testing/client.hpp>

#include <sys/socket.h>

#include <cerrno>
#include <system_error>

#include <brio/base/clock.hpp>

namespace brio::testing {

TestClient::TestClient(runtime::Loop& loop, http::Router& router, const http::Services& services,
                       TestOptions options)
    : loop_(loop),
      patience_(options.patience),
      request_metrics_(registry_),
      seat_(registry_) {
    options.middlewares.push_back(
        {.name = "count_statements", .before = {}, .after = [this](http::Exchange& exchange) {
             statements_ = static_cast<std::uint32_t>(exchange.tally.total());
         }});
    options.server.explains = true;
    server_.emplace(std::move(options.server),
                    http::Server::Parts{.router = router,
                                        .services = services,
                                        .registry = registry_,
                                        .metrics = &request_metrics_,
                                        .middlewares = std::move(options.middlewares)});
    part_.emplace(*server_, loop_, seat_.shard(), -1);
}

TestClient::~TestClient() = default;

void TestClient::connect() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) {
        throw std::system_error(errno, std::generic_category(), "socketpair");
    }
    socket_ = runtime::File(ends[0]);
    received_.clear();
    part_->adopt(runtime::File(ends[1]));
}

Answer TestClient::send(std::string_view method, std::string_view target, std::string_view body,
                        Headers headers) {
    if (!socket_) {
        connect();
    }
    auto const request = request_text(method, target, body, headers);
    std::string_view unsent = request;
    auto const end = monotonic_now() + patience_;
    while (monotonic_now() < end) {
        if (!unsent.empty()) {
            auto const sent = ::send(socket_.fd(), unsent.data(), unsent.size(), MSG_NOSIGNAL);
            unsent.remove_prefix(sent > 0 ? static_cast<std::size_t>(sent) : 0);
        }
        loop_.turn(std::chrono::milliseconds(1));
        char bytes[16 * 1024];
        auto const got = ::recv(socket_.fd(), bytes, sizeof bytes, 0);
        received_.append(bytes, got > 0 ? static_cast<std::size_t>(got) : 0);
        if (auto answer = take_answer(received_, method == "HEAD")) {
            if (answer->says_close()) {
                socket_.close();
                loop_.turn(std::chrono::milliseconds(0));
            }
            return std::move(*answer);
        }
        if (got == 0) {
            socket_.close();
            throw std::runtime_error("the server closed the connection without an answer to " +
                                     std::string(target));
        }
    }
    throw std::runtime_error("no answer in time to " + std::string(target) + "; so far: " + received_);
}

}  // namespace brio::testing
