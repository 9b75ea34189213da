// The pages that Brio's programs carry: swagger-ui at /docs. Built by npm, embedded by the linker.
#pragma once
#include <span>

#include <brio/http/asset.hpp>

namespace brio::web {

/// The page of /docs and what it loads; it reads /openapi.json. Empty in a build without Node.
std::span<const http::Asset> docs() noexcept;

}  // namespace brio::web
