// Clients that ask without pause until they are told to stop, and know of every request whether it was
// answered.
#pragma once
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <brio/testing/connection.hpp>

namespace brio::testing {

/// Each on a thread and a keep-alive connection of its own; a new connection after an answer that says close.
class Clients {
public:
    Clients(std::uint16_t port, std::string target, int count) : port_(port), target_(std::move(target)) {
        for (int i = 0; i < count; ++i) {
            threads_.emplace_back([this] { ask(); });
        }
    }
    ~Clients() { stop(); }
    Clients(const Clients&) = delete;
    Clients& operator=(const Clients&) = delete;

    /// Ends after the request under way.
    void stop() {
        stopping_ = true;
        wait_until_refused();
    }
    /// Until no client can connect any more.
    void wait_until_refused() {
        for (auto& thread : threads_) {
            thread.join();
        }
        threads_.clear();
    }
    std::uint64_t answered() const noexcept { return answered_; }
    /// Sent, or connected for, and not answered.
    std::uint64_t lost() const noexcept { return lost_; }
    std::uint64_t not_200() const noexcept { return not_200_; }

private:
    void ask() {
        while (!stopping_) {
            std::optional<Connection> connection;
            try {
                connection.emplace(port_);
            } catch (const std::system_error&) {
                return;  // refused: nothing is lost that was never accepted
            }
            ask_on(*connection);
        }
    }
    void ask_on(Connection& connection) {
        try {
            while (!stopping_) {
                auto const answer = connection.get(target_);
                ++answered_;
                not_200_ += answer.status != 200 ? 1 : 0;
                if (answer.says_close()) {
                    return;
                }
            }
        } catch (const std::exception&) {
            ++lost_;
        }
    }

    const std::uint16_t port_;
    const std::string target_;
    std::atomic<bool> stopping_{false};
    std::atomic<std::uint64_t> answered_{0};
    std::atomic<std::uint64_t> lost_{0};
    std::atomic<std::uint64_t> not_200_{0};
    std::vector<std::thread> threads_;
};

}  // namespace brio::testing
