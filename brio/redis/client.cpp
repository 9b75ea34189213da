#include <brio/redis/client.hpp>

#include <brio/base/log.hpp>
#include <brio/base/text.hpp>

namespace brio::redis {
namespace {

constexpr std::chrono::seconds lasted{1};  // a connection that broke sooner is not replaced at once
constexpr std::chrono::milliseconds probe_timeout{100};
constexpr std::chrono::seconds log_every{10};
constexpr std::string_view open_words =
    "Redis: it failed several times in a row and is left alone until it answers again";

}  // namespace

/// What one loop has to itself.
class Client::Seat final : public ConnectionWatcher, runtime::Timer {
public:
    Seat(Client& client, runtime::Loop& loop)
        : Timer([](Timer& timer) { static_cast<Seat&>(timer).probe(); }),
          client_(client),
          loop_(loop),
          resolver_(loop, client.offload_, {.keep = std::chrono::seconds(5), .names = 1}),
          breaker_(client.options_.breaker) {
        work_.loop = &loop;
        work_.name = "redis";
    }
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;
    ~Seat() {
        probing_.reset();
        if (is_connected_) {
            client_.connected_.fetch_sub(1, std::memory_order_relaxed);
        }
        if (!breaker_.lets_through()) {
            client_.open_breakers_.fetch_sub(1, std::memory_order_relaxed);
        }
    }

    bool lets_through() const noexcept { return breaker_.lets_through(); }
    Connection& connection() {
        if (connection_ == nullptr) {
            open();
        }
        return *connection_;
    }

private:
    void open() {
        connection_ = std::make_unique<Connection>(loop_, resolver_, client_.shared_,
                                                   client_.connection_options(), this);
    }

    void answered(bool well) override {
        if (well) [[likely]] {
            breaker_.succeeded();
            return;
        }
        const bool was_closed = breaker_.lets_through();
        breaker_.failed(loop_.now(), thread_random());
        if (was_closed && !breaker_.lets_through()) {
            opened("commands have no answer in time, or the server says that it serves nobody");
        }
    }
    void became_ready(Connection&) override {
        is_connected_ = true;
        client_.connected_.fetch_add(1, std::memory_order_relaxed);
        close();
    }
    void broke(Connection& connection) override {
        const bool had_lasted = is_connected_ && connection.age() >= lasted;
        if (std::exchange(is_connected_, false)) {
            client_.connected_.fetch_sub(1, std::memory_order_relaxed);
        }
        const std::string reason = connection.reason();
        connection_.reset();
        switch (breaker_.state()) {
            case Breaker::State::closed:
                if (had_lasted) {
                    open();
                    return;
                }
                breaker_.trip(loop_.now(), thread_random());
                opened(reason);
                break;
            case Breaker::State::half_open:
                breaker_.probe_failed(loop_.now(), thread_random());
                loop_.arm_at(*this, breaker_.probe_at());
                break;
            case Breaker::State::open: break;
        }
    }

    void opened(std::string_view reason) {
        client_.open_breakers_.fetch_add(1, std::memory_order_relaxed);
        loop_.arm_at(*this, breaker_.probe_at());
        if (client_.may_log()) {
            was_logged_ = true;
            log_warning("Redis is not used for now",
                        {{"address", client_.address().text()}, {"reason", reason}});
        }
    }
    void close() {
        if (!breaker_.lets_through()) {
            client_.open_breakers_.fetch_sub(1, std::memory_order_relaxed);
            cancel();
            if (std::exchange(was_logged_, false)) {
                log_info("Redis is used again", {{"address", client_.address().text()}});
            }
        }
        breaker_.probe_succeeded();
    }

    void probe() {
        if (!breaker_.begin_probe(loop_.now())) {
            return;
        }
        if (connection_ == nullptr) {
            open();  // whose greeting is the probe
        } else if (connection_->is_ready()) {
            probing_ = ping(*this);
            probing_.start(work_, [](void*) {}, nullptr);
        }
    }
    static Async<void> ping(Seat& seat) {
        const auto outcome = co_await seat.connection_->attempt(Command("PING"), {.timeout = probe_timeout});
        if (seat.breaker_.state() != Breaker::State::half_open) {
            co_return;
        }
        if (outcome ||
            (outcome.error().cause == Cause::error_reply && !is_server_down(outcome.error().kind))) {
            seat.close();
        } else {
            seat.breaker_.probe_failed(seat.loop_.now(), thread_random());
            seat.loop_.arm_at(seat, seat.breaker_.probe_at());
        }
    }

    Client& client_;
    runtime::Loop& loop_;
    runtime::Resolver resolver_;
    Breaker breaker_;
    bool is_connected_ = false;
    bool was_logged_ = false;  // that it is not used
    std::unique_ptr<Connection> connection_;
    runtime::Work work_;
    Async<void> probing_;
};

Client::Client(ClientOptions options, runtime::OffloadPool& offload)
    : options_(std::move(options)),
      offload_(offload),
      shared_(options_.limits, options_.registry) {
    if (options_.registry != nullptr) {
        auto gauge = [&](const char* name, const char* help, const std::atomic<std::uint32_t>& value) {
            gauges_.push_back(options_.registry->gauge_of({.name = name, .help = help}, {}, [&value] {
                return static_cast<double>(value.load(std::memory_order_relaxed));
            }));
        };
        gauge("redis_connected", "Loops that are connected to Redis", connected_);
        gauge("redis_breaker_open", "Loops that leave Redis alone because it failed", open_breakers_);
    }
}

Client::~Client() = default;

Client::Seat& Client::seat_of(runtime::Loop& loop) {
    return seats_.of(loop, [&] { return std::make_unique<Seat>(*this, loop); });
}

void Client::submit(Call& call, runtime::Loop& loop) {
    Seat& seat = seat_of(loop);
    if (!seat.lets_through()) {
        shared_.count(Metrics::Outcome::unavailable, call.commands_.size());
        call.fail({.cause = Cause::unavailable, .what = std::string(open_words)});
        return;
    }
    static_cast<Sender&>(seat.connection()).submit(call, loop);
}

bool Client::send(runtime::Loop& loop, const Command& command) {
    Seat& seat = seat_of(loop);
    if (!seat.lets_through()) {
        shared_.count(Metrics::Outcome::unavailable, 1);
        return false;
    }
    return seat.connection().send(loop, command);
}

bool Client::is_usable(runtime::Loop& loop) { return seat_of(loop).lets_through(); }

ConnectionOptions Client::connection_options() const {
    return {.address = options_.address,
            .name = options_.name,
            .connect_timeout = options_.connect_timeout,
            .timeout = options_.timeout,
            .patience = options_.patience,
            .replies = options_.replies};
}

std::unique_ptr<Subscription> Client::subscribe(runtime::Loop& loop, std::string channel, Receiver receiver) {
    return std::make_unique<Subscription>(loop, offload_, shared_, connection_options(), std::move(channel),
                                          std::move(receiver));
}

std::unique_ptr<KeyWatch> Client::watch(runtime::Loop& loop, std::function<void()> changed) {
    return std::make_unique<KeyWatch>(loop, offload_, shared_, connection_options(), std::move(changed));
}

void Client::each_limit(const std::function<void(runtime::Limit&)>& visit) {
    visit(shared_.in_flight);
    visit(shared_.queued_bytes);
}

/// Once in a while, for all loops together.
bool Client::may_log() noexcept {
    const std::int64_t now = monotonic_now().count();
    std::int64_t last = logged_.load(std::memory_order_relaxed);
    return (last == 0 || now - last > std::chrono::nanoseconds(log_every).count()) &&
           logged_.compare_exchange_strong(last, now, std::memory_order_relaxed);
}

}  // namespace brio::redis
