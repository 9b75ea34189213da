// The OpenAPI 3.1 document of a router, from what its handlers' types say.
//
// Sources: OpenAPI Specification 3.1.0; JSON Schema 2020-12; RFC 9457 for the errors that any operation may
// answer.
#pragma once
#include <string>

#include <brio/http/router.hpp>

namespace brio::app {

struct OpenApiInfo {
    std::string title;
    std::string version;
    std::string description = {};  // Markdown
};

/// JSON text: every route of the router that is in_openapi, in the order of registration, paths grouped.
/// Errors that an operation's shape makes possible (400, 404, 412, 415, 422, …) are added to the answers that
/// its handler describes.
std::string write_openapi(const http::Router& router, const OpenApiInfo& info);

}  // namespace brio::app
