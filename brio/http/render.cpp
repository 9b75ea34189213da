#include <brio/http/render.hpp>

#include <brio/base/text.hpp>

#include <xxhash.h>

#include <algorithm>
#include <charconv>

namespace brio::http::detail {
namespace {

// `"version-hash"` or `"hash"`: 16 hex digits of the body's hash.
std::string_view entity_tag(std::array<char, 40>& space, std::string_view body,
                            std::optional<std::int64_t> version) {
    auto* to = space.data();
    *to++ = '"';
    if (version) {
        to = std::to_chars(to, to + 20, *version).ptr;
        *to++ = '-';
    }
    auto const hash = XXH3_64bits(body.data(), body.size());
    for (int shift = 60; shift >= 0; shift -= 4) {
        *to++ = "0123456789abcdef"[hash >> shift & 15U];
    }
    *to++ = '"';
    return {space.data(), static_cast<std::size_t>(to - space.data())};
}

}  // namespace

void finish_json(Exchange& exchange, int status, std::optional<std::int64_t> version) {
    auto& response = exchange.response;
    response.status = status;
    if (response.content_type.empty()) {
        response.content_type = "application/json";
    }
    auto const method = exchange.head.method();
    auto const is_read = method == Method::get || method == Method::head;
    auto const kept = response.cache_control().find("no-store") == std::string_view::npos;
    if (kept && response.etag().empty() && ((is_read && status == 200) || version)) {
        std::array<char, 40> space;
        response.etag(entity_tag(space, response.body.view(), version));
    }
    if (is_read && response.cache_control().empty()) {
        response.cache_control("private, no-cache");
    }
}

void Alternatives::add(void (*describe)(OperationSchema&)) {
    OperationSchema alone(*operation_.components);
    describe(alone);
    for (auto& answer : alone.answers) {
        auto const same = std::ranges::find_if(answers_, [&](const AnswerSchema& each) {
            return each.status == answer.status && each.content_type == answer.content_type;
        });
        if (same == answers_.end()) {
            answers_.push_back(std::move(answer));
        } else if (!answer.schema.empty()) {
            same->schema.append(same->schema.empty() ? "" : ",").append(answer.schema);
        }
    }
}

void Alternatives::finish() {
    for (auto& answer : answers_) {
        if (!answer.schema.empty() && answer.content_type == "application/json") {
            answer.schema = concat({R"({"oneOf":[)", answer.schema, "]}"});
        }
        operation_.answer(std::move(answer));
    }
}

void render_location(Exchange& exchange, std::string_view location, std::optional<std::int64_t> id) {
    if (!location.empty()) {
        exchange.response.header("Location", location);
    } else if (id) {
        exchange.response.header("Location", concat({exchange.head.path(), "/", integer_text(*id)}));
    }
}

void throw_invalid_fields(Exchange& exchange) { throw invalid(exchange.errors.take()); }

}  // namespace brio::http::detail
