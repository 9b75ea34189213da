// A file that a program carries within it, ready to be sent.
#pragma once
#include <string_view>

namespace brio::http {

/// All views live as long as the program.
struct Asset {
    std::string_view path;  // of the URL: "/docs/swagger-ui.css"
    std::string_view content_type;
    std::string_view identity;
    std::string_view gzip;  // empty where compressing does not help
    std::string_view etag;  // of the identity, with its quotes
    std::string_view policy = {};  // Content-Security-Policy of a page; empty: none
};

}  // namespace brio::http
