#include <brio/http/parameters.hpp>

#include <brio/base/text.hpp>
#include <brio/http/cookies.hpp>
#include <brio/http/etag.hpp>
#include <brio/http/media_type.hpp>
#include <brio/http/percent.hpp>
#include <brio/http/route.hpp>

#include <algorithm>
#include <charconv>

namespace brio::http {
namespace detail {

std::optional<std::string_view> path_value(Exchange& exchange, std::string_view name) {
    auto const& names = exchange.route->path_names;
    auto const at = static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
    auto const encoded = exchange.path_values[at];
    auto const decoded = percent_decode(encoded, Plus::literal, exchange.scratch);
    if (!decoded) {
        exchange.errors.add(In::path, name, "has a wrong percent escape");
    }
    return decoded;
}

std::string_view json_body(Exchange& exchange) {
    auto const type = exchange.head.find(Known::content_type);
    auto const parsed = type ? parse_media_type(*type) : std::nullopt;
    if (type && (!parsed || !parsed->is_json())) {
        throw Problem(415, "unsupported_media_type", "the body must be JSON: Content-Type: application/json");
    }
    if (exchange.body.empty()) {
        throw Problem(400, "body_missing", "the request needs a JSON body");
    }
    return exchange.body;
}

void report(Exchange& exchange, const json::ReadError& error) {
    switch (error.kind) {
        case json::ReadError::Kind::too_large: throw Problem(413, "body_too_large", "the body is too large");
        case json::ReadError::Kind::too_deep:
            throw Problem(400, "json_too_deep", "the body nests arrays or objects too deep");
        case json::ReadError::Kind::unparsable:
            throw Problem(400, "json_unparsable",
                          error.offset
                              ? concat({"the body is not JSON, at byte ", integer_text(*error.offset)})
                              : std::string("the body is not JSON"));
        case json::ReadError::Kind::invalid: break;
    }
    for (auto const& field : error.fields) {
        exchange.errors.add(In::body, field.path, field.message);
    }
}

std::optional<std::string_view> cookie_value(const Exchange& exchange, std::string_view name) {
    auto const field = exchange.head.find(Known::cookie);
    return field ? find_cookie(*field, name) : std::nullopt;
}

}  // namespace detail

std::optional<std::string_view> Request::cookie(std::string_view name) const {
    return detail::cookie_value(*exchange_, name);
}

bool IfMatch::allows(std::int64_t version) const noexcept {
    return !given || any || std::ranges::find(versions, version) != versions.end();
}

std::optional<Version> IfMatch::expected() const noexcept {
    if (!given || any) {
        return std::nullopt;
    }
    return Version(versions.empty() ? 0 : std::ranges::max(versions));
}

std::optional<IfMatch> Provide<IfMatch>::from(Exchange& exchange) {
    IfMatch condition;
    exchange.head.each(Known::if_match, [&](std::string_view field) {
        condition.given = true;
        while (!field.empty()) {
            auto const tag = next_part(field, ',');
            if (tag == "*") {
                condition.any = true;
                continue;
            }
            if (tag.starts_with("W/")) {  // a weak tag never matches (RFC 9110 §13.1.1)
                continue;
            }
            auto const text = without_variant(tag);
            std::int64_t version = 0;
            auto const read = std::from_chars(text.data(), text.data() + text.size(), version);
            if (read.ec == std::errc() && read.ptr != text.data() + text.size() && *read.ptr == '-') {
                condition.versions.push_back(version);
            }
        }
    });
    return condition;
}

void Provide<IfMatch>::describe(OperationSchema& operation) {
    operation.parameter({.in = In::header,
                         .name = "If-Match",
                         .schema = R"({"type":"string"})",
                         .description = "ETags that the row may have; 412 when it has another"});
    operation.answer(
        {.status = 412, .description = "Precondition Failed", .content_type = "application/problem+json"});
}

}  // namespace brio::http
