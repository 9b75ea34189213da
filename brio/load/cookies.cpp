#include <brio/load/cookies.hpp>

#include <algorithm>
#include <optional>

#include <brio/http/token.hpp>
#include <brio/load/answer_reader.hpp>

namespace brio::load {

void Cookies::note(std::string_view head) {
    while (auto const value = next_field(head, "set-cookie")) {
        set(*value);
    }
}

void Cookies::set(std::string_view set_cookie) {
    auto const pair = http::next_part(set_cookie, ';');
    auto const equals = pair.find('=');
    if (equals == 0 || equals == std::string_view::npos) {
        return;
    }
    auto ends = false;
    while (!set_cookie.empty()) {
        auto const attribute = http::next_part(set_cookie, ';');
        auto const at = attribute.find('=');
        if (at != std::string_view::npos && http::equals_ignoring_case(attribute.substr(0, at), "max-age")) {
            auto const age = http::trim(attribute.substr(at + 1));
            ends = age.starts_with('-') || age == "0";
        }
    }
    auto const name = http::trim(pair.substr(0, equals));
    auto const value = http::trim(pair.substr(equals + 1));
    auto const found = std::ranges::find(cookies_, name, [](auto const& each) { return each.first; });
    if (ends) {
        if (found != cookies_.end()) {
            cookies_.erase(found);
        }
    } else if (found != cookies_.end()) {
        found->second = value;
    } else {
        if (cookies_.size() == most) {
            cookies_.erase(cookies_.begin());
        }
        cookies_.emplace_back(name, value);
    }
}

std::string Cookies::field() const {
    std::string text;
    for (auto const& [name, value] : cookies_) {
        text.append(text.empty() ? "" : "; ").append(name).append("=").append(value);
    }
    return text;
}

}  // namespace brio::load
