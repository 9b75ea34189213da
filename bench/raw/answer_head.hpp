// The heads of the raw page server: constant bytes with slots for what changes.
#pragma once
#include <brio/base/buffer.hpp>
#include <cstdint>
#include <string_view>

namespace bench {

/// The current Date value (RFC 9110, 5.6.7), remade once a second; valid until the next call. Not
/// thread-safe.
std::string_view http_date();

/// Room for the head of a 200 in front of a body; pass what it returns to finish_page_head once the body
/// stands behind it.
std::size_t begin_page_head(brio::Buffer& out);
/// Fills Date, Content-Length and ETag (XXH3 of the body) for the body that follows `head` to the end of
/// `out`.
void finish_page_head(brio::Buffer& out, std::size_t head);

/// A whole 201 with Location, the ETag of version 1 and `body`.
void append_created(brio::Buffer& out, std::int64_t id, std::string_view body);
/// A whole answer without content, for `status` ("404 Not Found").
void append_empty(brio::Buffer& out, std::string_view status);

}  // namespace bench
