// Where a page ended, as an opaque text that a client gives back: tamper-evident, bound to its listing.
//
// The text is base64url of a tag and what it protects: the values of the last row that the order needs. The
// tag is SipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast short-input PRF") under a key of the database
// over that and the context: the listing, its order and its filters. A text that was changed, or comes from
// another listing, does not open.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <brio/sql/value.hpp>

namespace brio::sql {

using CursorKey = std::array<std::byte, 16>;

std::uint64_t siphash(const CursorKey& key, std::string_view bytes) noexcept;

/// `place`: integers, reals and texts only.
std::string seal_cursor(const CursorKey& key, std::string_view context, const Values& place);
/// Nothing when the text was not sealed with this key and context.
std::optional<Values> open_cursor(const CursorKey& key, std::string_view context, std::string_view text);

}  // namespace brio::sql
