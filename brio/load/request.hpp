// A request of a scenario, and its bytes.
#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <brio/base/buffer.hpp>
#include <brio/http/client_url.hpp>
#include <brio/load/path.hpp>

namespace brio::load {

struct RequestOptions {
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::vector<int> expect = {};  // statuses that are right; empty: all below 400
    std::string name = {};         // in the statistics; empty: the path's
    std::uint32_t redirects = 5;   // followed at most
};

struct Request {
    std::string method = "GET";
    Path path = "/";
    std::string content_type = {};  // of the body, where there is one
    Buffer body = {};
    RequestOptions options = {};
};

/// Where all requests of a run go.
struct Origin {
    http::ClientUrl url;
    std::string fields;  // Host and what every request carries, each line with its CRLF

    /// Of the target of a plan; what is wrong with it, else.
    static std::expected<Origin, std::string> of(std::string_view target);
    /// A path of a request behind the path of the target: "/v1" and "/items" are "/v1/items".
    std::string target_of(const Path& path) const;
};

/// All bytes of one request to `target` (path and query). `cookies` is the Cookie field's value, empty for
/// none. Accept-Encoding is gzip unless the request's own fields say otherwise. Throws std::invalid_argument
/// when method, target or a field cannot stand in a request, or a field frames the message.
std::string render(const Origin& origin, const Request& request, std::string_view target,
                   std::string_view cookies);

}  // namespace brio::load
