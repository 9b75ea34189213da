// Rate limits that all processes of a program count together, in its Redis.
//
// No request waits for it. A process lets in by what it knows, and tells Redis of the tokens that a client
// took once they are a sixteenth of a bucket (of a small one: each), in the same turn of the loop, then at
// most every 10 ms: one script adds up what the loop tells of its clients and gives the sums of all
// processes, from which each goes on. So a process is late by a sixteenth of a bucket and by a round trip,
// under load by 10 ms more. What was let in too much meanwhile is a debt, paid before anything more is let
// in: in the long run nobody gets more than the rate (docs/decisions/shared-rate-limits.md).
//
// While Redis does not answer, or says no, each process counts for itself; tokens of that time are not told
// later. Redis' clock is the one that counts; a bucket that was forgotten there is a full one.
//
// Keys in Redis: `brio:PROGRAM:rate_limit_POLICY:CLIENT`, when the bucket will be full, or was: tokens that
// are told late are added to that. Each ends as long after that time as a bucket takes to fill.
#pragma once
#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include <brio/http/rate_limit.hpp>
#include <brio/metrics/registry.hpp>
#include <brio/redis/client.hpp>
#include <brio/runtime/limit.hpp>
#include <brio/runtime/seats.hpp>

namespace brio::cache {

struct SharedRateLimitsOptions {
    std::string program;  // whose processes count together
    std::chrono::nanoseconds every = std::chrono::milliseconds(10);
    std::uint64_t waiting = 64 * 1024;  // clients of whom there is news to tell
    metrics::Registry* registry = nullptr;
};

/// Destroyed while none of its loops runs.
class SharedRateLimits final : public http::SharedBuckets {
public:
    static constexpr std::size_t most_told = 256;  // clients in one script

    /// `client` outlives it.
    SharedRateLimits(redis::Client& client, SharedRateLimitsOptions options);
    SharedRateLimits(const SharedRateLimits&) = delete;
    SharedRateLimits& operator=(const SharedRateLimits&) = delete;
    ~SharedRateLimits();

    void tell(runtime::Loop& loop, http::Buckets& buckets, std::uint64_t hash,
              const http::ClientDigest& client) override;
    /// Clients that wait to be told of; its refusals were counted by this process alone.
    runtime::Limit& limit() noexcept { return waiting_; }

private:
    class Seat;
    struct Metrics {
        explicit Metrics(metrics::Registry& registry);
        metrics::Registry& registry;
        metrics::Counter together;
        metrics::Counter alone;
        metrics::Histogram late;
    };
    void count_alone(std::uint64_t tokens, std::string_view why);
    void count_together(std::uint64_t tokens, std::chrono::nanoseconds late);

    redis::Client& client_;
    const SharedRateLimitsOptions options_;
    const std::string prefix_;
    runtime::Limit waiting_;
    std::optional<Metrics> metrics_;
    std::atomic<bool> is_alone_{false};  // and has said so
    std::atomic<std::int64_t> said_{0};
    runtime::Seats<Seat> seats_;
};

}  // namespace brio::cache
