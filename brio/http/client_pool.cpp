#include <brio/http/client_pool.hpp>

#include <algorithm>
#include <optional>
#include <system_error>

#include <brio/base/text.hpp>
#include <brio/runtime/connect.hpp>
#include <brio/runtime/within.hpp>

namespace brio::http {
namespace {

using Cause = OutboundFailed::Cause;

constexpr double most_retries_saved = 10;

std::unexpected<ClientFailure> unsent(Cause cause, std::string what) {
    return std::unexpected(ClientFailure{.cause = cause, .what = std::move(what), .nothing_sent = true});
}

/// A unit of a limit for as long as it lives.
class Share {
public:
    explicit Share(runtime::Limit& limit) noexcept : limit_(limit.try_take() ? &limit : nullptr) {}
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share() {
        if (limit_ != nullptr) {
            limit_->give_back();
        }
    }
    explicit operator bool() const noexcept { return limit_ != nullptr; }

private:
    runtime::Limit* limit_;
};

}  // namespace

class ClientPool::Place {
public:
    Place(ClientPool& pool, std::string origin) : pool_(&pool), origin_(std::move(origin)) {
        ++pool.hosts_[origin_].open;
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() {
        if (pool_ != nullptr) {
            pool_->give_back(origin_);
        }
    }
    Lease lease(std::unique_ptr<ClientConnection> connection) {
        return {*std::exchange(pool_, nullptr), std::move(origin_), std::move(connection), false};
    }

private:
    ClientPool* pool_;
    std::string origin_;
};

ClientPool::Lease::~Lease() {
    if (connection_) {
        connection_.reset();
        pool_->give_back(origin_);
    }
}

void ClientPool::Lease::keep() {
    auto& pool = *pool_;
    auto& host = pool.hosts_[origin_];
    host.idle.push_back({std::move(connection_), pool.loop_.now()});
    if (!pool.closing_.is_armed()) {
        pool.loop_.arm(pool.closing_, pool.client_.options().idle);
    }
    if (host.waiting.size() > 0) {
        pool.loop_.arm(pool.waking_, runtime::Nanoseconds::zero());
    }
}

ClientPool::ClientPool(Client& client, runtime::Loop& loop, runtime::OffloadPool& offload)
    : client_(client),
      loop_(loop),
      resolver_(loop, offload, {.keep = client.options().names_kept}) {}

ClientPool::~ClientPool() {
    std::size_t open_ones = 0;
    for (auto const& [origin, host] : hosts_) {
        expect(host.open == host.idle.size(), "a client ends after the requests that it makes");
        open_ones += host.open;
    }
    client_.connections().give_back(open_ones);
}

Async<ClientPool::Taken> ClientPool::take(Wish wish) {
    auto const origin = wish.url.origin();
    if (auto& host = hosts_[origin];
        host.waiting.size() > 0 ||
        (host.idle.empty() && host.open >= client_.options().connections_per_host)) {
        Share const waits(client_.waiting());
        if (!waits) {
            co_return unsent(Cause::overload, concat({client_.waiting().name(), " is full"}));
        }
        *wish.doing = "waiting for one of " + integer_text(client_.options().connections_per_host) +
                      " connections in use";
        auto const is_full = [&] {
            auto const& again = hosts_[origin];
            return again.idle.empty() && again.open >= client_.options().connections_per_host;
        };
        do {
            co_await hosts_[origin].waiting.wait();
        } while (is_full());
    }
    if (wish.fresh) {
        if (auto& idle = hosts_[origin].idle; !idle.empty()) {  // most likely as dead as the one tried before
            idle.erase(idle.begin());
            give_back(origin);
        }
    } else if (auto kept = take_idle(hosts_[origin])) {
        co_return Lease(*this, origin, std::move(kept), true);
    }
    while (!client_.connections().try_take()) {
        if (!close_an_idle_one()) {
            std::erase_if(hosts_, [](auto const& each) {
                return each.second.open == 0 && each.second.waiting.size() == 0;
            });
            co_return unsent(Cause::overload, concat({client_.connections().name(), " is full"}));
        }
    }
    Place place(*this, origin);
    auto made = co_await connect(std::move(wish));
    if (!made) {
        co_return std::unexpected(std::move(made.error()));
    }
    co_return place.lease(std::move(*made));
}

Async<std::expected<std::unique_ptr<ClientConnection>, ClientFailure>> ClientPool::connect(Wish wish) {
    auto const& url = wish.url;
    *wish.doing = concat({"looking up ", url.host});
    auto const addresses = co_await resolver_.resolve(url.host, url.port);
    if (!addresses) {
        co_return unsent(Cause::resolve, concat({"looking up ", url.host, ": ", addresses.error()}));
    }
    std::string tried;
    auto cause = Cause::connect;
    for (auto const& address : *addresses) {
        auto const note = [&](std::string_view why) {
            tried += concat({tried.empty() ? "" : "; ", *wish.doing, ": ", why});
        };
        *wish.doing = "connecting to " + text_of(address);
        auto socket =
            co_await runtime::within(client_.options().connect_timeout, runtime::connect_to(address));
        if (!socket || !*socket) {
            note(socket ? std::system_category().message(socket->error()) : std::string("no answer in time"));
            continue;
        }
        auto connection = std::make_unique<ClientConnection>(std::move(**socket));
        if (!url.is_secure) {
            co_return connection;
        }
        *wish.doing = "TLS with " + text_of(address);
        auto const secured = co_await runtime::within(client_.options().connect_timeout,
                                                      connection->secure(client_.tls(), url.host));
        if (secured && *secured) {
            co_return connection;
        }
        cause = Cause::tls;
        note(secured ? connection->error() : "no answer in time");
    }
    co_return unsent(cause, std::move(tried));
}

// The one used last: the others may then grow old and be closed.
std::unique_ptr<ClientConnection> ClientPool::take_idle(Host& host) {
    while (!host.idle.empty()) {
        auto connection = std::move(host.idle.back().connection);
        host.idle.pop_back();
        if (connection->is_usable()) {
            return connection;
        }
        --host.open;
        client_.connections().give_back();
    }
    return nullptr;
}

bool ClientPool::close_an_idle_one() {
    auto oldest = hosts_.end();
    for (auto each = hosts_.begin(); each != hosts_.end(); ++each) {
        if (!each->second.idle.empty() &&
            (oldest == hosts_.end() || each->second.idle.front().since < oldest->second.idle.front().since)) {
            oldest = each;
        }
    }
    if (oldest == hosts_.end()) {
        return false;
    }
    oldest->second.idle.erase(oldest->second.idle.begin());
    give_back(std::string(oldest->first));
    return true;
}

void ClientPool::give_back(const std::string& origin) {
    client_.connections().give_back();
    auto const host = hosts_.find(origin);
    --host->second.open;
    if (host->second.waiting.size() > 0) {
        loop_.arm(waking_, runtime::Nanoseconds::zero());
    } else if (host->second.open == 0) {
        hosts_.erase(host);
    }
}

void ClientPool::close_unused() {
    auto const idle = client_.options().idle;
    auto next = runtime::Nanoseconds::max();
    std::vector<std::string> closed;
    for (auto& [origin, host] : hosts_) {
        auto const kept = std::find_if(host.idle.begin(), host.idle.end(),
                                       [&](auto const& each) { return each.since + idle > loop_.now(); });
        closed.insert(closed.end(), static_cast<std::size_t>(kept - host.idle.begin()), origin);
        host.idle.erase(host.idle.begin(), kept);
        if (!host.idle.empty()) {
            next = std::min(next, host.idle.front().since + idle);
        }
    }
    for (auto const& origin : closed) {
        give_back(origin);
    }
    if (next != runtime::Nanoseconds::max()) {
        loop_.arm_at(closing_, next);
    }
}

// Whoever is woken takes its connection, or gives it up and perhaps its origin with it, before notify_one()
// returns.
void ClientPool::wake_waiting() {
    std::string origin;
    for (auto each = hosts_.begin(); each != hosts_.end(); each = hosts_.upper_bound(origin)) {
        origin = each->first;
        auto const has_room = [this](const Host& host) {
            return !host.idle.empty() || host.open < client_.options().connections_per_host;
        };
        while (each != hosts_.end() && has_room(each->second) && each->second.waiting.notify_one()) {
            each = hosts_.find(origin);
        }
        if (each != hosts_.end() && each->second.open == 0 && each->second.waiting.size() == 0) {
            hosts_.erase(each);
        }
    }
}

void ClientPool::count_request() {
    retries_left_ = std::min(most_retries_saved, retries_left_ + client_.options().retry_budget);
}

bool ClientPool::may_retry() {
    if (retries_left_ < 1) {
        return false;
    }
    retries_left_ -= 1;
    return true;
}

std::size_t ClientPool::open() const noexcept {
    std::size_t sum = 0;
    for (auto const& [origin, host] : hosts_) {
        sum += host.open;
    }
    return sum;
}

std::size_t ClientPool::idle() const noexcept {
    std::size_t sum = 0;
    for (auto const& [origin, host] : hosts_) {
        sum += host.idle.size();
    }
    return sum;
}

}  // namespace brio::http
