#include <brio/runtime/resolve.hpp>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace brio::runtime {
namespace {

Resolution ask(const std::string& host, std::uint16_t port, int flags) {
    addrinfo wanted{};
    wanted.ai_family = AF_UNSPEC;
    wanted.ai_socktype = SOCK_STREAM;
    wanted.ai_flags = flags | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    auto const failure = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found);
    if (failure != 0) {
        return std::unexpected(failure == EAI_SYSTEM ? std::system_category().message(errno)
                                                     : ::gai_strerror(failure));
    }
    std::vector<Endpoint> endpoints;
    for (auto const* each = found; each != nullptr; each = each->ai_next) {
        if (each->ai_addrlen <= sizeof(sockaddr_storage)) {
            auto& endpoint = endpoints.emplace_back();
            std::memcpy(&endpoint.storage, each->ai_addr, each->ai_addrlen);
            endpoint.size = each->ai_addrlen;
        }
    }
    ::freeaddrinfo(found);
    if (endpoints.empty()) {
        return std::unexpected("the name has no address");
    }
    return endpoints;
}

}  // namespace

std::string text_of(const Endpoint& endpoint) {
    char text[INET6_ADDRSTRLEN] = "?";
    if (endpoint.storage.ss_family == AF_INET6) {
        auto const& v6 = reinterpret_cast<const sockaddr_in6&>(endpoint.storage);
        ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
        return "[" + std::string(text) + "]:" + std::to_string(ntohs(v6.sin6_port));
    }
    auto const& v4 = reinterpret_cast<const sockaddr_in&>(endpoint.storage);
    ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    return std::string(text) + ":" + std::to_string(ntohs(v4.sin_port));
}

Resolution numeric_endpoint(const std::string& host, std::uint16_t port) {
    Endpoint endpoint;
    auto& v4 = reinterpret_cast<sockaddr_in&>(endpoint.storage);
    auto& v6 = reinterpret_cast<sockaddr_in6&>(endpoint.storage);
    if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        endpoint.size = sizeof v4;
    } else if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        endpoint.size = sizeof v6;
    } else {
        return std::unexpected("is not a numeric address");
    }
    return std::vector{endpoint};
}

Resolution look_up(const std::string& host, std::uint16_t port) { return ask(host, port, AI_ADDRCONFIG); }

struct Resolver::Name {
    Resolution answer;
    Nanoseconds until{};
    bool being_looked_up = false;
    WaitList waiting;
};

// Owns itself, because whoever asked may be gone before it ends.
class Resolver::Job : public OffloadJob {
public:
    Job(Loop& loop, const Options& options, Names::key_type key, std::shared_ptr<Name> name,
        std::shared_ptr<std::size_t> running)
        : OffloadJob([](OffloadJob& job) noexcept { static_cast<Job&>(job).run(); },
                     [](OffloadJob& job) { static_cast<Job&>(job).complete(); }),
          loop_(loop),
          look_up_(options.look_up),
          keep_(options.keep),
          keep_failure_(options.keep_failure),
          key_(std::move(key)),
          name_(std::move(name)),
          running_(std::move(running)) {}

private:
    void run() noexcept { result_ = look_up_(key_.first, key_.second); }
    void complete() {
        std::unique_ptr<Job> const self(this);
        --*running_;
        name_->until = loop_.now() + (result_ ? keep_ : keep_failure_);
        name_->answer = std::move(result_);
        name_->being_looked_up = false;
        name_->waiting.notify_all();
    }

    Loop& loop_;
    LookUp look_up_;
    Nanoseconds keep_;
    Nanoseconds keep_failure_;
    Names::key_type key_;
    std::shared_ptr<Name> name_;
    std::shared_ptr<std::size_t> running_;
    Resolution result_;
};

Resolver::Resolver(Loop& loop, OffloadPool& pool, Options options)
    : loop_(loop),
      pool_(pool),
      options_(std::move(options)),
      running_(std::make_shared<std::size_t>(0)) {}

void Resolver::make_room() {
    if (names_.size() < options_.names) {
        return;
    }
    auto soonest = names_.end();
    for (auto each = names_.begin(); each != names_.end(); ++each) {
        if (!each->second->being_looked_up &&
            (soonest == names_.end() || each->second->until < soonest->second->until)) {
            soonest = each;
        }
    }
    if (soonest != names_.end()) {
        names_.erase(soonest);
    }
}

Async<Resolution> Resolver::resolve(std::string host, std::uint16_t port) {
    if (auto numeric = numeric_endpoint(host, port)) {
        co_return numeric;
    }
    Names::key_type const key(std::move(host), port);
    auto found = names_.find(key);
    if (found == names_.end()) {
        make_room();
        found = names_.emplace(key, std::make_shared<Name>()).first;
    }
    auto const name = found->second;
    if (!name->being_looked_up) {
        if (loop_.now() < name->until) {
            co_return name->answer;
        }
        if (*running_ >= options_.look_ups) {
            co_return std::unexpected("too many names are being looked up");
        }
        auto job = std::make_unique<Job>(loop_, options_, key, name, running_);
        if (!pool_.submit(*job, loop_)) {
            co_return std::unexpected("the offload queue is full");
        }
        job.release();
        ++*running_;
        name->being_looked_up = true;
    }
    co_await name->waiting.wait();
    co_return name->answer;
}

}  // namespace brio::runtime
