// Routes for the files that a program carries within it (asset.hpp).
#pragma once
#include <span>

#include <brio/http/asset.hpp>
#include <brio/http/router.hpp>

namespace brio::http {

/// GET (and HEAD) of each asset's path: its bytes without a copy, gzip where it has them and the client takes
/// them, an ETag for each variant, `Cache-Control: no-cache` (a kept copy is asked for with If-None-Match and
/// answered 304). The assets outlive the router.
void add_assets(Router& router, std::span<const Asset> assets);

/// The same for one file, with bytes that the caller keeps.
Route& add_asset(Router& router, const Asset& asset);

}  // namespace brio::http
