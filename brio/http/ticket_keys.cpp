#include <brio/http/ticket_keys.hpp>

#include <algorithm>

namespace brio::http {

void TicketKeys::forget_old(std::chrono::nanoseconds now) {
    while (!keys_.empty() && now - keys_.back().made >= seals_for + ticket_life) {
        keys_.pop_back();
    }
}

TicketKey TicketKeys::current(std::chrono::nanoseconds now) {
    std::lock_guard const lock(mutex_);
    forget_old(now);
    if (keys_.empty() || now - keys_.front().made >= seals_for) {
        TicketKey key{.made = now};
        fill_(key.name);
        fill_(key.cipher);
        fill_(key.mac);
        keys_.push_front(key);
    }
    return keys_.front();
}

std::optional<TicketKeys::Found> TicketKeys::find(std::span<const unsigned char, 16> name,
                                                  std::chrono::nanoseconds now) {
    std::lock_guard const lock(mutex_);
    forget_old(now);
    auto const found = std::ranges::find_if(
        keys_, [&](const TicketKey& each) { return std::ranges::equal(each.name, name); });
    if (found == keys_.end()) {
        return std::nullopt;
    }
    auto const is_current = found == keys_.begin() && now - found->made < seals_for;
    return Found{.key = *found, .is_current = is_current};
}

}  // namespace brio::http
