#include <brio/db/sqlite_writer.hpp>

namespace brio::db::sqlite {

Mailbox::Mailbox(runtime::Loop& loop, Writer& writer)
    : Posted([](Posted& posted) { static_cast<Mailbox&>(posted).run(); }),
      TurnHook([](TurnHook& hook) { static_cast<Mailbox&>(hook).hand_over(); }),
      loop_(loop),
      writer_(writer) {}

void Mailbox::send(std::shared_ptr<Ticket> ticket) {
    writer_.reserve();
    sending_.push_back(std::move(ticket));
    if (sends_ == nullptr) {
        sends_ = shared_from_this();
        loop_.at_turn_end(*this);
    }
}

void Mailbox::hand_over() {
    const std::shared_ptr<Mailbox> keep = std::move(sends_);
    writer_.submit(sending_);
}

void Mailbox::deliver(std::vector<std::shared_ptr<Ticket>>& finished) {
    {
        const std::scoped_lock lock(mutex_);
        for (auto& ticket : finished) {
            ready_.push_back(std::move(ticket));
        }
        if (posted_ != nullptr) {
            return;
        }
        posted_ = shared_from_this();
    }
    loop_.post(*this);
}

void Mailbox::run() {
    std::shared_ptr<Mailbox> keep;
    {
        const std::scoped_lock lock(mutex_);
        keep = std::move(posted_);
        running_.swap(ready_);
    }
    // Whoever is resumed may submit again, which ends up in ready_.
    for (auto& ticket : running_) {
        if (auto waiting = std::exchange(ticket->waiting, {})) {
            waiting.resume();
        }
    }
    running_.clear();
}

}  // namespace brio::db::sqlite
