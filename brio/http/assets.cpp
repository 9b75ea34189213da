#include <brio/http/assets.hpp>

#include <string>

#include <brio/base/text.hpp>
#include <brio/http/accept.hpp>
#include <brio/http/parameters.hpp>

namespace brio::http {
namespace {

// RFC 9110 §8.8.3: variants that differ in bytes differ in their tags.
std::string gzip_tag(std::string_view etag) { return concat({etag.substr(0, etag.size() - 1), "-gz\""}); }

struct SendAsset {
    const Asset* asset;
    std::string gzip_etag;

    Response operator()(Request request) const {
        Response response;
        response.content_type = asset->content_type;
        response.cache_control("no-cache");
        if (!asset->policy.empty()) {
            response.header("Content-Security-Policy", asset->policy);
        }
        if (asset->gzip.empty()) {
            response.static_body = asset->identity;
            response.etag(asset->etag);
            return response;
        }
        response.vary("Accept-Encoding");
        std::string accepted;
        request.head().each(Known::accept_encoding, [&](std::string_view value) {
            accepted.append(accepted.empty() ? "" : ",").append(value);
        });
        auto const qualities = accept_encoding(accepted);
        if (qualities.gzip > 0 && qualities.gzip >= qualities.identity) {
            response.static_body = asset->gzip;
            response.etag(gzip_etag);
            response.header("Content-Encoding", "gzip");
        } else {
            response.static_body = asset->identity;
            response.etag(asset->etag);
        }
        return response;
    }
};

}  // namespace

Route& add_asset(Router& router, const Asset& asset) {
    return router.add_endpoint(Method::get, asset.path,
                               make_endpoint(SendAsset{&asset, gzip_tag(asset.etag)}),
                               {.importance = Importance::sheddable, .in_openapi = false});
}

void add_assets(Router& router, std::span<const Asset> assets) {
    for (auto const& asset : assets) {
        add_asset(router, asset);
    }
}

}  // namespace brio::http
