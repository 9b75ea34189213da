#include <brio/http/response.hpp>

#include <brio/base/expect.hpp>
#include <brio/http/token.hpp>

#include <algorithm>

namespace brio::http {
Response& Response::header(std::string_view name, std::string_view value) {
    expect(is_token(name), "a header field's name is a token");
    auto* to = fields_.prepare(name.size() + value.size() + 4);
    auto const* begin = to;
    to = std::copy(name.begin(), name.end(), to);
    *to++ = ':';
    *to++ = ' ';
    for (char const byte : value) {
        if (static_cast<unsigned char>(byte) >= 0x20 && byte != 0x7f) {
            *to++ = byte;
        }
    }
    *to++ = '\r';
    *to++ = '\n';
    fields_.commit(static_cast<std::size_t>(to - begin));
    return *this;
}

Response& Response::set_content_type(std::string_view type) {
    owned_type_.clear();
    owned_type_.append(type);
    content_type = owned_type_.view();
    return *this;
}

Response& Response::text(std::string_view text) {
    content_type = "text/plain; charset=utf-8";
    body.append(text);
    return *this;
}

Response& Response::json(std::string_view encoded) {
    content_type = "application/json";
    body.append(encoded);
    return *this;
}

Response& Response::cookie(std::string_view name, std::string_view value, std::string_view attributes) {
    std::string line(name);
    line.append("=").append(value).append("; ").append(attributes);
    sets_cookies_ = true;
    return header("Set-Cookie", line);
}

void Response::clear() noexcept {
    status = 200;
    content_type = {};
    body.clear();
    static_body = {};
    close = false;
    fields_.clear();
    etag_.clear();
    cache_control_.clear();
    owned_type_.clear();
    sets_cookies_ = false;
}

}  // namespace brio::http
