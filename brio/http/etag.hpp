// Entity tags and the two conditions on them (RFC 9110 §8.8.3, §13.1.1, §13.1.2).
//
// A compressed variant of a representation has the tag of the identity one with "-gz", "-br" or "-zst" before
// the closing quote.
#pragma once
#include <string>
#include <string_view>

namespace brio::http {

/// `"hash"`: 16 hexadecimal digits of the body's XXH3.
std::string entity_tag(std::string_view body);
/// A tag as written, with its quotes and perhaps W/ before: entity-tag of the grammar.
bool is_valid_etag(std::string_view tag) noexcept;
/// Same opaque part, neither weak.
bool strong_match(std::string_view a, std::string_view b) noexcept;
/// Same opaque part.
bool weak_match(std::string_view a, std::string_view b) noexcept;
/// `"1-ab-gz"` and `"1-ab"` give 1-ab; W/ and the quotes go too. Empty for what is no tag.
std::string_view without_variant(std::string_view tag) noexcept;

/// If-None-Match: `field` is "*" or lists a tag that matches `current` weakly; then GET and HEAD answer 304,
/// others 412. `current` is the tag of the variant that would be sent; "*" matches whenever it is not empty.
/// A malformed list ends at its first bad element: what stood before it counts.
bool none_match_fails(std::string_view field, std::string_view current) noexcept;
/// If-Match: `field` is "*" or lists a strong tag of any variant of what `current` names; else 412. `current`
/// is empty when there is no representation, and then nothing matches. A malformed list as above.
bool if_match_holds(std::string_view field, std::string_view current) noexcept;

}  // namespace brio::http
