// One thread's cells of all metrics, and the handles that write to them.
//
// A shard has one writing thread, so an increment is a load, an addition and a store without a lock prefix; a
// scrape reads the cells of all shards while they are written. The one shard that threads without their own
// share adds atomically. The cells are an address range reserved whole and backed by memory as it is touched,
// so a cell never moves and a handle is a number.
#pragma once
#include <brio/metrics/edges.hpp>
#include <brio/metrics/exemplar.hpp>

#include <atomic>
#include <bit>
#include <chrono>
#include <cstdint>

namespace brio::metrics {

using Cell = std::atomic<std::uint64_t>;
static_assert(sizeof(Cell) == 8);

class Shard {
public:
    Shard(const Shard&) = delete;
    Shard& operator=(const Shard&) = delete;
    ~Shard();

    /// Sums wrap at 2^64, so that adding the two's complement takes away.
    void add(std::uint32_t cell, std::uint64_t amount) noexcept {
        Cell& at = cells_[cell];
        if (shared_) [[unlikely]] {
            at.fetch_add(amount, std::memory_order_relaxed);
        } else {
            at.store(at.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
        }
    }
    Cell& cell(std::uint32_t index) const noexcept { return cells_[index]; }
    const Edges& edges() const noexcept { return edges_; }
    /// Written by any thread.
    bool shared() const noexcept { return shared_; }

private:
    friend class Registry;
    struct Shape {
        std::uint32_t cells;
        bool shared;
    };
    /// Throws std::bad_alloc.
    Shard(const Edges& edges, Shape shape);

    Cell* cells_ = nullptr;
    const bool shared_;
    const std::uint32_t reserved_;
    const Edges& edges_;
    bool taken_ = false;  // guarded by the registry
};

// Handles: copied freely, valid as long as their registry. A default one writes to cells that nobody shows.

template <class Handle>
class Family;

class Counter {
public:
    /// 0.4 ns on an own shard, 2 ns on the shared one (metrics_bench).
    void add(Shard& shard, std::uint64_t amount = 1) const noexcept { shard.add(cell_, amount); }

private:
    friend class Family<Counter>;
    std::uint32_t cell_ = 0;
};

/// A gauge that goes up and down by whole steps, as for work in flight: a sum over threads.
class Level {
public:
    void add(Shard& shard, std::int64_t amount) const noexcept {
        shard.add(cell_, static_cast<std::uint64_t>(amount));
    }
    void up(Shard& shard) const noexcept { add(shard, 1); }
    void down(Shard& shard) const noexcept { add(shard, -1); }

private:
    friend class Family<Level>;
    std::uint32_t cell_ = 0;
};

/// A gauge that is set: the last value wins, from any thread.
class Gauge {
public:
    void set(double value) const noexcept {
        if (cell_ != nullptr) {
            cell_->store(std::bit_cast<std::uint64_t>(value), std::memory_order_relaxed);
        }
    }

private:
    friend class Family<Gauge>;
    Cell* cell_ = nullptr;
};

/// Durations in buckets. Summed in whole nanoseconds, shown in seconds.
class Histogram {
public:
    void observe(Shard& shard, std::uint64_t ns) const noexcept {
        shard.add(first_, ns);
        shard.add(first_ + 1 + shard.edges().bucket(ns), 1);
    }
    void observe(Shard& shard, std::chrono::nanoseconds duration) const noexcept {
        observe(shard, duration.count() > 0 ? static_cast<std::uint64_t>(duration.count()) : 0);
    }
    /// Also remembers the trace as the example of its quarter of the buckets, when the family was made with
    /// exemplars and the shard is a thread's own. Reads the wall clock.
    void observe(Shard& shard, std::uint64_t ns, TraceId trace) const noexcept;

private:
    friend class Family<Histogram>;
    std::uint32_t first_ = 1;      // the sum, then a cell a bucket
    std::uint32_t exemplars_ = 0;  // the first of the cells of exemplars; 0: none
};

/// Sum and count of durations, shown as a Prometheus summary without quantiles.
class Summary {
public:
    void observe(Shard& shard, std::uint64_t ns) const noexcept {
        shard.add(first_, ns);
        shard.add(first_ + 1, 1);
    }

private:
    friend class Family<Summary>;
    std::uint32_t first_ = 1;
};

}  // namespace brio::metrics
