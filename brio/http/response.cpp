#include <brio/http/response.hpp>

#include <brio/base/expect.hpp>
#include <brio/base/text.hpp>
#include <brio/http/token.hpp>

#include <algorithm>

namespace brio::http {
namespace {

// The value of the first field of that name among lines "Name: value\r\n".
std::optional<std::string_view> find_field(std::string_view lines, std::string_view name) noexcept {
    while (lines.size() > name.size()) {
        auto const end = lines.find("\r\n");
        if (lines[name.size()] == ':' && equals_ignoring_case(lines.substr(0, name.size()), name)) {
            return lines.substr(name.size() + 2, end - name.size() - 2);
        }
        lines.remove_prefix(end + 2);
    }
    return std::nullopt;
}

void append_value(Buffer& out, std::string_view value) {
    auto* const begin = out.prepare(value.size());
    auto* const end = std::copy_if(value.begin(), value.end(), begin, [](char byte) {
        return static_cast<unsigned char>(byte) >= 0x20 && byte != 0x7f;
    });
    out.commit(static_cast<std::size_t>(end - begin));
}

bool lists(std::string_view list, std::string_view name) noexcept {
    while (!list.empty()) {
        auto const each = next_part(list, ',');
        if (each == "*" || equals_ignoring_case(each, name)) {
            return true;
        }
    }
    return false;
}

}  // namespace

Response& Response::header(std::string_view name, std::string_view value) {
    expect(is_token(name), "a header field's name is a token");
    // What decides whether an answer may be kept and coded is known wherever it was said.
    if (equals_ignoring_case(name, "ETag") || equals_ignoring_case(name, "Cache-Control")) {
        auto& field = name.size() == 4 ? etag_ : cache_control_;
        field.clear();
        append_value(field, value);
        return *this;
    }
    sets_cookies_ = sets_cookies_ || equals_ignoring_case(name, "Set-Cookie");
    fields_.append(name);
    fields_.append(": ");
    append_value(fields_, value);
    fields_.append("\r\n");
    return *this;
}

Response& Response::age(std::chrono::seconds age) {
    fields_.append("Age: ");
    append_integer(fields_, age.count());
    fields_.append("\r\n");
    return *this;
}

bool Response::has_field(std::string_view name) const noexcept {
    return find_field(fields(), name).has_value();
}

Response& Response::vary(std::string_view name) {
    auto const there = find_field(fields(), "Vary");
    if (!there) {
        for (std::string_view const part : {std::string_view("Vary: "), name, std::string_view("\r\n")}) {
            fields_.append(part);
        }
        return *this;
    }
    if (!lists(*there, name)) {
        auto const before = static_cast<std::size_t>(there->data() + there->size() - fields_.data());
        std::string const rest(fields_.view().substr(before));
        fields_.resize(before);
        fields_.append(", ");
        fields_.append(name);
        fields_.append(rest);
    }
    return *this;
}

void Response::set_coding(Coding coding) {
    auto const before = tag_suffix_of(std::exchange(coding_, coding)).size();
    if (etag_.view().ends_with('"')) {
        etag_.resize(etag_.size() - 1 - before);
        etag_.append(tag_suffix_of(coding));
        etag_.push_back('"');
    }
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
    return header("Set-Cookie", line);
}

void Response::clear() noexcept {
    status = 200;
    content_type = {};
    body.clear();
    static_body = {};
    kept.reset();
    close = false;
    fields_.clear();
    etag_.clear();
    cache_control_.clear();
    owned_type_.clear();
    coding_ = Coding::identity;
    sets_cookies_ = false;
}

}  // namespace brio::http
