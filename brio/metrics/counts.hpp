// What has been counted, from one process' registry to another's: that of a worker process to that of the
// server process, whose metrics then are those of the whole program.
//
// Counters, histograms and summaries go over. What is set, or read by a function, stays a process' own.
// Messages carry differences, so that the receiver's counters only rise, whichever process ends, and what
// could not be sent goes with the next one.
#pragma once
#include <brio/metrics/registry.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace brio::metrics {

/// Of one registry to one receiver. One thread at a time.
class CountSender {
public:
    /// Bytes; a little more when one series needs them.
    static constexpr std::size_t most_message = 16 * 1024;

    explicit CountSender(Registry& registry) noexcept : registry_(registry) {}

    /// Hands what was counted since the last time to `send`, in messages. When that gives false, the message
    /// was not taken: this one ends, and what is left goes with the next one.
    void send(const std::function<bool(std::string_view)>& send);

private:
    Registry& registry_;
    std::vector<std::uint64_t> told_;                           // by cell
    std::vector<std::pair<std::uint32_t, std::uint64_t>> now_;  // by what the message tells
};

class CountReceiver {
public:
    explicit CountReceiver(Registry& registry) noexcept : registry_(registry) {}

    /// Adds a message to the registry. False when it is none, or comes from a registry with other edges: what
    /// stood before the fault is added. Any thread.
    bool add(std::string_view message);

private:
    Registry& registry_;
};

}  // namespace brio::metrics
