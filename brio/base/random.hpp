// Random numbers: a fast generator for jitter, sampling and identifiers of requests, and bytes from the
// system for secrets.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace brio {

/// xoshiro256++ (Blackman and Vigna, "Scrambled linear pseudorandom number generators"). Never for secrets.
/// A value: code that needs randomness takes a Random&, so that a test gives it a seed. Not thread-safe.
class Random {
public:
    using result_type = std::uint64_t;

    /// The same seed gives the same sequence on every machine.
    explicit Random(std::uint64_t seed) noexcept;
    /// Seeded by the system. Throws std::system_error when the system has no randomness.
    static Random from_system();

    static constexpr result_type min() noexcept { return 0; }
    static constexpr result_type max() noexcept { return UINT64_MAX; }
    result_type operator()() noexcept;

    /// Uniform in [0, bound), without bias. Requires bound > 0.
    std::uint64_t below(std::uint64_t bound) noexcept;
    /// Uniform in [0, 1) with 53 bits.
    double uniform() noexcept;

private:
    Random() noexcept = default;
    std::array<std::uint64_t, 4> state_{};
};

/// The calling thread's generator, seeded by the system at its first use. A forked child repeats its parent's
/// sequence.
Random& thread_random();

/// Fills `bytes` from getrandom(2). Throws std::system_error.
void random_bytes(std::span<std::byte> bytes);

}  // namespace brio
