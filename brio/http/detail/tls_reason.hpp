// What OpenSSL says of its last failure, in words. Internal to http.
#pragma once
#include <string>

namespace brio::http::detail {

/// Of the calling thread, and forgets it.
std::string take_tls_reason();

}  // namespace brio::http::detail
