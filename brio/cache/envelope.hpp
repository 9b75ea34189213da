// What a cache outside the process keeps: a value's bytes with all that decides whether they may be believed.
//
// A fixed head (magic, format, size, checksum), then what it is (the type's fingerprint, the whole key), how
// long it is good, what it was made from (a stamp and names of tables), its tags, the payload. Whatever is
// not exactly that is refused and says why: bytes of another program, of an older format, of another type,
// cut off, changed. The checksum finds accidents, it is no signature: whoever may write to the cache is
// trusted to be this service. Nothing in an envelope is ever run.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include <brio/base/clock.hpp>

namespace brio::cache {

struct Envelope {
    std::uint64_t type = 0;  // type_fingerprint() of the payload (codec.hpp), or a number of its own
    std::string_view key;    // the whole canonical key
    WallTime made{};
    std::chrono::nanoseconds fresh{0};    // from `made` on
    std::chrono::nanoseconds stale{0};    // from the end of that on, where stale items are given
    std::chrono::nanoseconds rebuild{0};  // what making it took
    std::uint32_t statements = 0;         // that making it ran
    std::uint64_t stamp = 0;              // of the shared clock, taken before it was begun
    std::vector<std::string_view> tables;
    std::vector<std::string_view> tags;
    std::string_view payload;
};

inline constexpr std::size_t most_envelope_tables = 16;
inline constexpr std::size_t most_envelope_tags = 64;

/// Why bytes were not believed.
enum class Refusal : std::uint8_t {
    magic,      // no envelope at all
    format,     // of another version of this format
    truncated,  // shorter than it says, or than any is
    checksum,   // not the bytes that were written
    type,       // of a value of another type, or of another version of it
    key,        // of another key
    malformed,  // well kept, and yet not what is written here
};
inline constexpr std::size_t refusal_count = 7;
/// "magic", "format", …: a label of metrics.
std::string_view name_of(Refusal reason) noexcept;

/// At most most_envelope_tables and most_envelope_tags.
std::string seal(const Envelope& envelope);

struct Expected {
    std::uint64_t type = 0;
    std::string_view key;
};
/// Views into `bytes`.
std::expected<Envelope, Refusal> open(std::string_view bytes, const Expected& expected);

}  // namespace brio::cache
