#include <brio/redis/key_watch.hpp>

#include <utility>

namespace brio::redis {

KeyWatch::KeyWatch(runtime::Loop& loop, runtime::OffloadPool& offload, Shared& shared,
                   ConnectionOptions options, std::function<void()> changed)
    : Timer([](Timer& timer) { static_cast<KeyWatch&>(timer).open(); }),
      loop_(loop),
      resolver_(loop, offload, {.keep = std::chrono::seconds(5), .names = 1}),
      shared_(shared),
      options_(std::move(options)),
      changed_(std::move(changed)),
      subscription_(loop, offload, shared, options_, "__redis__:invalidate",
                    {.message = [this](std::string_view) { changed_(); },
                     .listening = [this] { open(); },
                     .lost = [this] { stop_watching(); }}) {
    work_.loop = &loop;
    work_.name = "redis key watch";
}

// The frame that waits for an answer looks at the connection while it ends.
KeyWatch::~KeyWatch() { beginning_.reset(); }

void KeyWatch::open() {
    if (connection_ == nullptr && subscription_.is_listening()) {
        connection_ = std::make_unique<Connection>(loop_, resolver_, shared_, options_, this);
    }
}

void KeyWatch::became_ready(Connection&) {
    beginning_ = begin(*this);
    beginning_.start(work_, [](void*) {}, nullptr);
}

Async<void> KeyWatch::begin(KeyWatch& self) {
    const auto hears = self.subscription_.client_id();
    const auto outcome =
        co_await self.connection_->attempt(Command("CLIENT", "TRACKING", "ON", "REDIRECT", hears));
    if (outcome && self.subscription_.is_listening() && self.subscription_.client_id() == hears) {
        self.is_watching_ = true;
        self.backoff_.reset();
        self.changed_();
    } else if (outcome || outcome.error().cause != Cause::error_reply) {
        self.connection_->give_up("it does not watch");
    }
}

// What was looked at until now is not heard of any more.
void KeyWatch::stop_watching() {
    if (connection_ != nullptr) {
        connection_->give_up("who hears of changes is gone");
    }
}

void KeyWatch::broke(Connection&) {
    beginning_.reset();
    connection_.reset();
    loop_.arm(*this, backoff_.next(thread_random()));
    if (std::exchange(is_watching_, false)) {
        changed_();
    }
}

}  // namespace brio::redis
