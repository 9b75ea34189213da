// The keys that TLS session tickets are sealed with (RFC 5077 §4): one seals, those before it still open
// what they have sealed, until it has expired.
//
// Whoever learns a key can read what was said on the sessions that its tickets resumed (with TLS 1.2), so
// they are never written anywhere and live for hours.
#pragma once
#include <array>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <span>

namespace brio::http {

struct TicketKey {
    std::array<unsigned char, 16> name{};
    std::array<unsigned char, 32> cipher{};  // AES-256
    std::array<unsigned char, 32> mac{};     // HMAC-SHA-256
    std::chrono::nanoseconds made{};
};

class TicketKeys {
public:
    static constexpr std::chrono::hours seals_for{1};
    static constexpr std::chrono::hours ticket_life{2};
    /// Fills with what nobody can guess.
    using Fill = std::function<void(std::span<unsigned char>)>;

    explicit TicketKeys(Fill fill) : fill_(std::move(fill)) {}

    /// The one to seal with now. Any thread, as find().
    TicketKey current(std::chrono::nanoseconds now);

    struct Found {
        TicketKey key;
        bool is_current = false;  // else the client gets a new ticket
    };
    /// The one of that name, while its tickets are good.
    std::optional<Found> find(std::span<const unsigned char, 16> name, std::chrono::nanoseconds now);

private:
    void forget_old(std::chrono::nanoseconds now);

    Fill fill_;
    std::mutex mutex_;
    std::deque<TicketKey> keys_;  // the newest first; three at most
};

}  // namespace brio::http
