// A writer sees what it wrote, on whichever instance it asks next.
//
// Instances learn of each other's commits within about 100 ms. A client that has just written and reads from
// another instance might be given what was kept there before. The answer to its write sets a cookie that
// lasts a second, and with that cookie cached routes make their answer anew (X-Cache: BYPASS). A client that
// keeps no cookies sees others' writes, and its own elsewhere, within that time. One instance needs none of
// it: it ends what it keeps before a commit is acknowledged.
#pragma once
#include <chrono>
#include <string_view>

#include <brio/http/middleware.hpp>

namespace brio::cache {

/// Sets the cookie on answers to POST, PUT, PATCH and DELETE that are not errors, for clients that look like
/// browsers: their request has an Origin, Sec-Fetch-Site or Cookie field.
http::Middleware read_your_writes(std::chrono::seconds within = std::chrono::seconds(1));

/// `cookies` is a Cookie field. Cost: a search.
bool has_own_writes(std::string_view cookies) noexcept;

}  // namespace brio::cache
