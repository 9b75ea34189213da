// Eviction policies that a cache is compared with: objects of one size, by their published descriptions.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace brio::bench {

using ObjectKey = std::uint64_t;

class Policy {
public:
    virtual ~Policy() = default;
    /// Asks for the object, which is kept after a miss as far as the policy wants it. True: it was there.
    virtual bool access(ObjectKey key) = 0;
};

/// Least recently used.
std::unique_ptr<Policy> make_lru(std::size_t capacity);
/// Zhang et al., "SIEVE is Simpler than LRU", NSDI 2024.
std::unique_ptr<Policy> make_sieve(std::size_t capacity);
/// Yang et al., "FIFO Queues are All You Need for Cache Eviction", SOSP 2023.
std::unique_ptr<Policy> make_s3_fifo(std::size_t capacity);
/// Megiddo and Modha, "ARC: A Self-Tuning, Low Overhead Replacement Cache", FAST 2003.
std::unique_ptr<Policy> make_arc(std::size_t capacity);
/// Jiang and Zhang, "LIRS: An Efficient Low Inter-reference Recency Set Replacement Policy", SIGMETRICS 2002.
std::unique_ptr<Policy> make_lirs(std::size_t capacity);
/// Einziger et al., "TinyLFU: A Highly Efficient Cache Admission Policy", ACM ToS 2017: a window of 1 % by
/// LRU, the rest segmented LRU, four-bit counters halved after ten times as many accesses as objects.
std::unique_ptr<Policy> make_w_tiny_lfu(std::size_t capacity);
/// Brio's in-process store with its default shards.
std::unique_ptr<Policy> make_brio(std::size_t capacity);

/// How many accesses from `counted_from` on hit a cache that knows the future (Belady, "A study of
/// replacement algorithms for a virtual-storage computer", 1966).
std::uint64_t clairvoyant_hits(std::span<const ObjectKey> trace, std::size_t capacity,
                               std::size_t counted_from);

}  // namespace brio::bench
