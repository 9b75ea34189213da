// Query strings, and the other texts that a client writes into one line: targets, tags, qualities, cookies,
// media types. Pairs must lie in the raw text or in the scratch, and what is encoded again must read as the
// same pairs.
#include <brio/http/accept.hpp>
#include <brio/http/cookies.hpp>
#include <brio/http/date.hpp>
#include <brio/http/etag.hpp>
#include <brio/http/media_type.hpp>
#include <brio/http/percent.hpp>
#include <brio/http/query.hpp>
#include <brio/http/target.hpp>
#include <brio/http/traceparent.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace brio;
using namespace brio::http;

using Pairs = std::vector<std::pair<std::string, std::string>>;

void check(bool holds) {
    if (!holds) {
        std::abort();
    }
}

std::optional<Pairs> read(std::string_view raw) {
    Buffer scratch;
    QueryReader reader(raw, scratch);
    std::vector<QueryReader::Pair> views;
    while (const auto pair = reader.next()) {
        views.push_back(*pair);
    }
    Pairs pairs;  // copied only now: no view may have moved
    for (const auto& view : views) {
        pairs.emplace_back(view.name, view.value);
    }
    check(pairs.size() <= 64);
    return reader.rejection() ? std::nullopt : std::optional(pairs);
}

void check_query(std::string_view raw) {
    const auto pairs = read(raw);
    if (!pairs) {
        return;
    }
    Buffer again;
    for (const auto& [name, value] : *pairs) {
        check(name.find('\0') == std::string::npos || raw.find('\0') != std::string_view::npos);
        percent_encode(name, again);
        again.push_back('=');
        percent_encode(value, again);
        again.push_back('&');
    }
    if (raw.find('\0') == std::string_view::npos) {
        check(read(again.view()) == pairs);
    }
}

void check_target(std::string_view text) {
    Target target;
    Rejection rejection;
    for (const auto method : {Method::get, Method::options, Method::connect}) {
        if (split_target(text, method, target, rejection)) {
            check(target.authority.empty() || is_valid_authority(target.authority));
            check(!path_refusal(target.path));
        } else {
            check(rejection.status == 400);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_query(text);
    check_target(text);
    check(!none_match_fails(text, ""));
    check(!if_match_holds(text, ""));
    const auto qualities = accept_encoding(text);
    check(qualities.gzip <= 1000 && qualities.identity <= 1000);
    check(accept_quality(text, "text", "plain") <= 1000);
    CookieReader cookies(text);
    while (const auto cookie = cookies.next()) {
        check(!cookie->name.empty());
    }
    if (const auto type = parse_media_type(text)) {
        check(!type->type.empty() && !type->subtype.empty());
    }
    if (const auto context = parse_traceparent(text)) {
        const auto written = format_traceparent(*context);
        check(parse_traceparent({written.data(), written.size()}) == context);
    }
    if (const auto time = parse_http_date(text)) {
        const auto written = http_date(*time);
        check(text == std::string_view(written.data(), written.size()));
    }
    return 0;
}
