// The content codings that answers come in, and the pure decisions about them (RFC 9110 §8.4.1, §12.5.3).
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <brio/http/accept.hpp>
#include <brio/http/head.hpp>

namespace brio::http {

/// In the order in which they are preferred among those that a client likes equally.
enum class Coding : std::uint8_t { identity, gzip, zstd, br };
inline constexpr std::size_t coding_count = 4;

/// As Content-Encoding says it: "gzip".
std::string_view name_of(Coding coding) noexcept;
/// What its variant's entity tag has before the closing quote: "-gz"; "" for identity.
std::string_view tag_suffix_of(Coding coding) noexcept;

/// What a request's body comes in; nothing when that is neither identity nor gzip, or several codings.
std::optional<Coding> request_coding(const RequestHead& head) noexcept;

class CodingSet {
public:
    constexpr CodingSet() noexcept = default;
    constexpr CodingSet(Coding coding) noexcept : bits_(bit(coding)) {}
    constexpr CodingSet operator|(CodingSet other) const noexcept {
        CodingSet both;
        both.bits_ = static_cast<std::uint8_t>(bits_ | other.bits_);
        return both;
    }
    constexpr bool has(Coding coding) const noexcept { return (bits_ & bit(coding)) != 0; }

private:
    static constexpr std::uint8_t bit(Coding coding) noexcept {
        return static_cast<std::uint8_t>(1U << static_cast<unsigned>(coding));
    }
    std::uint8_t bits_ = 0;
};
constexpr CodingSet operator|(Coding a, Coding b) noexcept { return CodingSet(a) | CodingSet(b); }

/// Reads Accept-Encoding, in one line or several; what the last client sent too is not read again.
class AcceptedCodings {
public:
    EncodingQualities of(const RequestHead& head);

private:
    static constexpr std::size_t most_kept = 128;  // bytes of a field
    std::string field_;
    EncodingQualities accepted_;
};

std::uint16_t quality_of(const EncodingQualities& accepted, Coding coding) noexcept;

/// The one of `offered` that the client likes most; nothing when it accepts none of them.
std::optional<Coding> best_coding(const EncodingQualities& accepted, CodingSet offered) noexcept;

/// What is known of an answer's body when its coding is chosen.
struct BodyFacts {
    bool may_be_coded = true;  // no: it is sent as it is, or not at all
    bool gains = false;        // it is of a type that gets smaller, and long enough
    bool is_stream = false;    // made piece by piece, in gzip or identity
    bool is_kept = false;      // it has codings that were made before:
    CodingSet made = {};       // those that are there
    CodingSet possible = {};   // and those that may be
};
struct CodingChoice {
    std::optional<Coding> now;         // nothing: the client accepts nothing that there is
    Coding better = Coding::identity;  // of a kept body: what it would get if that were made
    friend bool operator==(const CodingChoice&, const CodingChoice&) = default;
};
/// What does not gain is coded only for who refuses identity. On the fly there is gzip, and brotli and zstd
/// for who takes neither gzip nor identity.
CodingChoice choose_coding(const EncodingQualities& accepted, const BodyFacts& body) noexcept;

/// Whether a body of this media type gets smaller: text, JSON, XML, scripts and the like, but neither what is
/// compressed already nor text/event-stream.
bool is_compressible(std::string_view content_type) noexcept;

/// How hard a body is compressed while its client waits.
enum class Effort : std::uint8_t {
    quick,  // half the time, a fifth more bytes
    usual,
};
/// `busy` and `goal` are shares, 0 to 1: of its time that the loop works, and that it should at most.
constexpr Effort effort_for(double busy, double goal) noexcept {
    return busy < goal ? Effort::usual : Effort::quick;
}

}  // namespace brio::http
