#include <brio/load/request.hpp>

#include <algorithm>
#include <stdexcept>

#include <brio/http/token.hpp>

namespace brio::load {
namespace {

using http::equals_ignoring_case;

bool has_field(const Request& request, std::string_view name) {
    return std::ranges::any_of(request.options.headers,
                               [&](auto const& field) { return equals_ignoring_case(field.first, name); });
}

void check(const Request& request, std::string_view target) {
    if (!http::is_token(request.method) || request.method == "CONNECT") {
        throw std::invalid_argument("the method " + request.method + " is none of a request");
    }
    if (!target.starts_with('/') || !http::all_of_class(target, http::target_char)) {
        throw std::invalid_argument("the path " + std::string(target) +
                                    " must begin with / and be escaped (spaces, #, what is not ASCII)");
    }
    for (auto const& [name, value] : request.options.headers) {
        if (!http::is_token(name) || !http::all_of_class(value, http::value_char)) {
            throw std::invalid_argument("the header " + name + " has a name or a value that HTTP forbids");
        }
        for (auto const* own : {"content-length", "transfer-encoding", "connection", "expect", "upgrade"}) {
            if (equals_ignoring_case(name, own)) {
                throw std::invalid_argument("the header " + name + " is set by the generator: leave it out");
            }
        }
    }
}

void append(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

std::expected<Origin, std::string> Origin::of(std::string_view target) {
    auto url = http::parse_client_url(target);
    if (!url) {
        return std::unexpected("\"" + std::string(target) + "\" is no URL: " + url.error());
    }
    Origin origin{.url = std::move(*url), .fields = {}};
    append(origin.fields, "Host", origin.url.authority);
    append(origin.fields, "User-Agent", "brio-load");
    return origin;
}

std::string Origin::target_of(const Path& path) const {
    auto base = std::string_view(url.target);
    base = base.substr(0, base.find('?'));
    while (base.ends_with('/')) {
        base.remove_suffix(1);
    }
    return std::string(base).append(path.text);
}

std::string render(const Origin& origin, const Request& request, std::string_view target,
                   std::string_view cookies) {
    check(request, target);
    std::string out;
    out.reserve(256 + target.size() + request.body.size());
    out.append(request.method).append(" ").append(target).append(" HTTP/1.1\r\n");
    if (has_field(request, "host") || has_field(request, "user-agent")) {
        for (std::string_view const own : {"Host", "User-Agent"}) {
            if (!has_field(request, own)) {
                append(out, own, own == "Host" ? std::string_view(origin.url.authority) : "brio-load");
            }
        }
    } else {
        out.append(origin.fields);
    }
    if (!has_field(request, "accept-encoding")) {
        append(out, "Accept-Encoding", "gzip");
    }
    for (auto const& [name, value] : request.options.headers) {
        append(out, name, value);
    }
    if (!cookies.empty()) {
        append(out, "Cookie", cookies);
    }
    if (!request.body.empty() && !request.content_type.empty() && !has_field(request, "content-type")) {
        append(out, "Content-Type", request.content_type);
    }
    if (!request.body.empty() || request.method == "POST" || request.method == "PUT" ||
        request.method == "PATCH") {
        append(out, "Content-Length", std::to_string(request.body.size()));
    }
    return out.append("\r\n").append(request.body.view());
}

}  // namespace brio::load
