#include <brio/redis/subscription.hpp>

#include <utility>

namespace brio::redis {
namespace {

constexpr std::chrono::seconds check_every{1};  // that the server is still there

ConnectionOptions with_messages(ConnectionOptions options, const Receiver& receiver) {
    options.receive = [&receiver](std::string_view, std::string_view payload) { receiver.message(payload); };
    return options;
}

}  // namespace

Subscription::Subscription(runtime::Loop& loop, runtime::OffloadPool& offload, Shared& shared,
                           ConnectionOptions options, std::string channel, Receiver receiver)
    : Timer([](Timer& timer) { static_cast<Subscription&>(timer).tick(); }),
      loop_(loop),
      resolver_(loop, offload, {.keep = std::chrono::seconds(5), .names = 1}),
      shared_(shared),
      options_(std::move(options)),
      channel_(std::move(channel)),
      receiver_(std::move(receiver)) {
    work_.loop = &loop;
    work_.name = "redis subscription";
    open();
}

// The frame that waits for an answer looks at the connection while it ends.
Subscription::~Subscription() { listening_.reset(); }

void Subscription::open() {
    connection_ =
        std::make_unique<Connection>(loop_, resolver_, shared_, with_messages(options_, receiver_), this);
}

void Subscription::became_ready(Connection&) {
    listening_ = listen(*this);
    listening_.start(work_, [](void*) {}, nullptr);
}

/// Again and again while this program has too much else under way: then nothing was asked.
Async<Outcome> Subscription::ask(Command command) {
    for (;;) {
        auto outcome = co_await connection_->attempt(command, {.timeout = options_.patience});
        if (outcome || outcome.error().cause != Cause::overloaded) {
            co_return outcome;
        }
        co_await runtime::sleep_for(check_every);
    }
}

Async<void> Subscription::listen(Subscription& self) {
    const auto id = co_await self.ask(Command("CLIENT", "ID"));
    self.client_id_ = id ? id->integer().value_or(0) : 0;
    if (const auto outcome = co_await self.ask(Command("SUBSCRIBE", self.channel_)); !outcome) {
        co_return self.connection_->give_up(outcome.error().what);
    }
    self.is_listening_ = true;
    self.backoff_.reset();
    self.receiver_.listening();
    for (;;) {
        co_await runtime::sleep_for(check_every);
        if (const auto pong = co_await self.ask(Command("PING")); !pong) {
            co_return self.connection_->give_up(pong.error().what);
        }
    }
}

void Subscription::broke(Connection&) {
    listening_.reset();
    if (std::exchange(is_listening_, false) && receiver_.lost) {
        receiver_.lost();
    }
    connection_.reset();
    loop_.arm(*this, backoff_.next(thread_random()));
}

void Subscription::tick() { open(); }

}  // namespace brio::redis
