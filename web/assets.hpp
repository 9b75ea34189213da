// The pages that Brio's programs carry: swagger-ui at /docs, the dashboard of the admin server. Built by npm,
// embedded by the linker.
#pragma once
#include <span>

#include <brio/http/asset.hpp>

namespace brio::web {

/// The page of /docs and what it loads; it reads /openapi.json. Empty in a build without Node.
std::span<const http::Asset> docs() noexcept;

/// The page of the admin server's / and what it loads, from /dashboard/. Empty in a build without Node.
std::span<const http::Asset> dashboard() noexcept;

}  // namespace brio::web
