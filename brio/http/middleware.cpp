#include <brio/http/middleware.hpp>

#include <brio/base/expect.hpp>
#include <brio/base/text.hpp>
#include <brio/http/server.hpp>

#include <algorithm>

namespace brio::http {

Middleware measure() {
    return {.name = "measure", .configure = [](ServerOptions& options) { options.measures = true; }};
}

Middleware deadlines() {
    return {.name = "deadlines", .configure = [](ServerOptions& options) { options.has_deadlines = true; }};
}

Middleware compress(std::size_t minimum, CompressOptions options) {
    return {.name = "compress", .configure = [=](ServerOptions& server) {
                server.compression = {.minimum = minimum, .offload_above = options.offload_above};
            }};
}

Middleware gzip_bodies() {
    return {.name = "gzip_bodies", .configure = [](ServerOptions& options) { options.gzip_bodies = true; }};
}

namespace {

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (auto const& word : words) {
        text.append(text.empty() ? "" : ", ").append(word);
    }
    return text;
}

struct Cors {
    CorsOptions options;
    std::string headers = joined(options.headers);
    std::string exposed = joined(options.exposed);
    bool any = std::ranges::find(options.origins, "*") != options.origins.end();

    // What Access-Control-Allow-Origin says, empty for an origin that is not allowed.
    std::string_view allowed(std::string_view origin) const {
        if (any) {
            return "*";
        }
        return std::ranges::find(options.origins, origin) != options.origins.end() ? origin
                                                                                   : std::string_view{};
    }
};

bool answer_preflight(const Cors& cors, Exchange& exchange) {
    auto const asked = exchange.head.find(Known::access_control_request_method);
    if (exchange.head.method() != Method::options || !asked || !exchange.head.find(Known::origin)) {
        return false;
    }
    exchange.response.status = 204;
    exchange.response.header("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    exchange.response.header("Access-Control-Allow-Headers", cors.headers);
    exchange.response.header("Access-Control-Max-Age", integer_text(cors.options.max_age_seconds));
    return true;
}

void mark(const Cors& cors, Exchange& exchange) {
    auto const origin = exchange.head.find(Known::origin);
    if (!cors.any) {
        exchange.response.vary("Origin");
    }
    auto const allowed = origin ? cors.allowed(*origin) : std::string_view{};
    if (allowed.empty()) {
        return;
    }
    exchange.response.header("Access-Control-Allow-Origin", allowed);
    exchange.response.header("Access-Control-Expose-Headers", cors.exposed);
    if (cors.options.credentials) {
        exchange.response.header("Access-Control-Allow-Credentials", "true");
    }
}

}  // namespace

Middleware cors(CorsOptions options) {
    auto const shared = std::make_shared<const Cors>(Cors{std::move(options)});
    expect(!(shared->any && shared->options.credentials), "CORS with credentials names its origins");
    return {.name = "cors",
            .before = [shared](Exchange& exchange) { return answer_preflight(*shared, exchange); },
            .after = [shared](Exchange& exchange) { mark(*shared, exchange); }};
}

}  // namespace brio::http
