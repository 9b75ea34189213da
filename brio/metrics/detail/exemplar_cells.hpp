// How an exemplar lies in a shard's cells: a sequence lock of one writer, odd while it writes.
//
// Source: Boehm, "Can seqlocks get along with programming language memory models?" (the fences).
#pragma once
#include <brio/metrics/exemplar.hpp>
#include <brio/metrics/shard.hpp>

#include <atomic>
#include <cstdint>
#include <optional>

namespace brio::metrics {

namespace detail {

inline constexpr std::uint32_t exemplar_groups = 4;
inline constexpr std::uint32_t exemplar_cells = 5;  // sequence, trace high, trace low, nanoseconds, wall time

/// Which quarter of the buckets a value falls into.
inline std::uint32_t exemplar_group(const Edges& edges, std::uint64_t ns) noexcept {
    return edges.bucket(ns) * exemplar_groups / static_cast<std::uint32_t>(edges.size() + 1);
}

inline void write_exemplar(Shard& shard, std::uint32_t at, const Exemplar& exemplar) noexcept {
    Cell& sequence = shard.cell(at);
    const std::uint64_t before = sequence.load(std::memory_order_relaxed);
    sequence.store(before + 1, std::memory_order_relaxed);
    // Release stores, not a fence: each carries the odd sequence with it.
    shard.cell(at + 1).store(exemplar.trace.high, std::memory_order_release);
    shard.cell(at + 2).store(exemplar.trace.low, std::memory_order_release);
    shard.cell(at + 3).store(exemplar.ns, std::memory_order_release);
    shard.cell(at + 4).store(static_cast<std::uint64_t>(exemplar.wall_us), std::memory_order_release);
    sequence.store(before + 2, std::memory_order_release);
}

/// Nothing when there is none yet, or it is being written.
inline std::optional<Exemplar> read_exemplar(const Shard& shard, std::uint32_t at) noexcept {
    const std::uint64_t before = shard.cell(at).load(std::memory_order_acquire);
    if (before == 0 || before % 2 != 0) {
        return std::nullopt;
    }
    Exemplar exemplar{};
    exemplar.trace.high = shard.cell(at + 1).load(std::memory_order_acquire);
    exemplar.trace.low = shard.cell(at + 2).load(std::memory_order_acquire);
    exemplar.ns = shard.cell(at + 3).load(std::memory_order_acquire);
    exemplar.wall_us = static_cast<std::int64_t>(shard.cell(at + 4).load(std::memory_order_acquire));
    if (shard.cell(at).load(std::memory_order_relaxed) != before) {
        return std::nullopt;
    }
    return exemplar;
}

}  // namespace detail

}  // namespace brio::metrics
