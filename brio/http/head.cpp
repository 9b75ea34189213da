#include <brio/http/head.hpp>

#include <algorithm>
#include <span>

namespace brio::http {

namespace {

constexpr std::array<std::string_view, method_count> method_names = {
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", "OTHER"};

}  // namespace

std::string_view method_name(Method method) noexcept {
    return method_names[static_cast<std::size_t>(method)];
}

Method parse_method(std::string_view token) noexcept {
    const auto known = std::span(method_names).first(method_count - 1);
    const auto found = std::find(known.begin(), known.end(), token);
    return static_cast<Method>(found - known.begin());
}

std::optional<std::string_view> RequestHead::find(std::string_view name) const noexcept {
    for (std::size_t i = 0; i < count_; ++i) {
        if (slots_[i].name.size == name.size() && equals_ignoring_case(view(slots_[i].name), name)) {
            return view(slots_[i].value);
        }
    }
    return std::nullopt;
}

void RequestHead::clear() noexcept {
    base_ = "";
    content_length_ = 0;
    method_token_ = target_ = path_ = query_ = host_ = {0, 0};
    method_ = Method::other;
    version_minor_ = 0;
    has_length_ = chunked_ = keep_alive_ = expect_continue_ = upgrade_ = false;
    close_listed_ = keep_alive_listed_ = unknown_expectation_ = host_seen_ = target_has_host_ = absolute_ =
        false;
    count_ = 0;
    known_.fill(0);
    stage_ = Stage::empty_lines;
    empty_lines_seen_ = 0;
    position_ = token_ = line_ = fields_at_ = name_size_ = 0;
}

}  // namespace brio::http
