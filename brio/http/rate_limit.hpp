// How often one client may ask: a token bucket for each, as a middleware.
//
//     app.use(rate_limit({.count = 100, .per = 1s, .burst = 200}));
//     app.use(rate_limit({.count = 5, .per = 60s, .by = by_header("X-Api-Key"), .name = "key"}));
//
// More is answered with 429 and Retry-After. Every answer to a client that is counted says how it stands, in
// RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-10). Critical routes are left out.
//
// A bucket is one number, the time at which it will be full again: the generic cell rate algorithm (ITU-T
// I.371, A.1). A table of fixed size holds them, by a keyed hash; where it has no place, the bucket that is
// full soonest is forgotten: its client has the least to gain by that.
//
// Processes count together where the program has SharedBuckets (with REDIS_URL it does): each lets in by what
// it knows, without waiting, and tells the others soon after (cache/shared_rate_limits.hpp).
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <brio/http/middleware.hpp>
#include <brio/runtime/limit.hpp>

namespace brio::http {

/// What tells clients apart; empty: this request is not counted. The text may live in `space`.
using ClientKey = std::function<std::string_view(Exchange&, Buffer& space)>;

/// By the address of the client, as the server knows it (client_address). Of IPv6 a /64 is one client.
ClientKey by_address();
/// The same, but with these as the trusted proxies: networks as "10.0.0.0/8". A text that is none stops the
/// program.
ClientKey by_address(std::vector<std::string> trusted_proxies);
/// By a header field, as a key; requests without it are counted by address.
ClientKey by_header(std::string name);
/// By who asks: the field Authorization, else the address.
ClientKey by_identity();

struct RateLimit {
    std::uint64_t count = 100;  // requests
    std::chrono::nanoseconds per = std::chrono::seconds(1);
    std::uint64_t burst = 0;          // at once, after a rest; 0: as many as `count`
    ClientKey by = {};                // by_address() when none is given
    std::size_t clients = 64 * 1024;  // kept apart at a time: 24 bytes each
    std::string name = "default";     // of one only, else the program stops: clients and metrics see it
    bool shared = true;               // with the program's other processes, where they can count together
};

Middleware rate_limit(RateLimit limit);

/// The buckets. Any thread. Cost: 18 ns (admission_bench).
class Buckets {
public:
    using Time = std::chrono::nanoseconds;
    struct Rules {
        Time gap;             // a token comes so often
        std::uint64_t burst;  // that a bucket holds
        std::size_t clients;
        std::string name;
    };
    struct Taken {
        bool is_let_in;
        bool has_news;       // the first token of this client that the others have not been told of
        std::uint64_t left;  // tokens
        Time again;          // until there is one; zero while there is
        Time full;           // until all are there
    };

    explicit Buckets(Rules rules);
    /// Takes a token of the client whose key has this hash, or says when there will be one.
    Taken take(std::uint64_t hash, Time now);

    /// What a client took since this was last asked.
    struct Untold {
        std::uint64_t tokens = 0;
        Time missing{0};  // of its bucket, had nobody else taken any: the other tokens have come back
        friend bool operator==(const Untold&, const Untold&) = default;
    };
    /// For who counts together with others. There is news from a sixteenth of a bucket on, of a small one
    /// from the first token.
    Untold take_untold(std::uint64_t hash, Time now);
    /// What all have counted: at `at`, the client's bucket was full again after `missing`, of which at most
    /// `most_debt` buckets are believed. What was taken here since comes on top.
    void hear(std::uint64_t hash, Time missing, Time at);
    static constexpr std::int64_t most_debt = 8;
    const Rules& rules() const noexcept { return rules_; }
    Time window() const noexcept { return rules_.gap * static_cast<std::int64_t>(rules_.burst); }

    /// Of clients kept apart; its refusals count those forgotten while their buckets were not full.
    runtime::Limit& limit() noexcept { return kept_; }

private:
    static constexpr std::size_t ways = 8;
    static constexpr std::size_t shards = 64;
    struct Slot {
        std::uint64_t hash = 0;  // 0: free
        std::int64_t full_at = 0;
        std::uint32_t untold = 0;  // tokens
    };
    struct Shard {
        std::mutex mutex;
        std::vector<Slot> slots;  // guarded by mutex
    };
    static std::uint64_t kept_hash(std::uint64_t hash) noexcept { return hash == 0 ? 1 : hash; }
    Slot* set_of(Shard& shard, std::uint64_t hash) noexcept;
    Slot* find(Shard& shard, std::uint64_t hash) noexcept;
    Slot& place_of(Shard& shard, std::uint64_t hash, Time now);

    const Rules rules_;
    std::uint32_t news_from_;  // tokens
    std::size_t sets_;         // of a shard, a power of two
    std::unique_ptr<Shard[]> shards_;
    runtime::Limit kept_;
};

/// The same for a client in all processes, and nobody can make another's: half of the SHA-256 of its key.
using ClientDigest = std::array<unsigned char, 16>;

/// Where the processes of a program count together: one of its services.
class SharedBuckets {
public:
    /// Buckets have news of this client: soon, on this loop, they are asked for it (take_untold) and told
    /// what all have counted (hear); or only asked, where the others cannot be reached. `buckets` outlive
    /// this.
    virtual void tell(runtime::Loop& loop, Buckets& buckets, std::uint64_t hash,
                      const ClientDigest& client) = 0;

protected:
    ~SharedBuckets() = default;
};

}  // namespace brio::http
