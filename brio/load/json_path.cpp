#include <brio/load/json_path.hpp>

#include <charconv>
#include <map>
#include <optional>
#include <vector>

#include <brio/json/raw.hpp>
#include <brio/json/read.hpp>

namespace brio::load {
namespace {

constexpr json::ReadLimits limits{.bytes = SIZE_MAX};

std::optional<std::string> member(std::string_view text, const std::string& name) {
    auto object = json::read<std::map<std::string, json::Raw>>(text, limits);
    if (!object) {
        return std::nullopt;
    }
    auto const found = object->find(name);
    return found == object->end() ? std::nullopt : std::optional(std::move(found->second.text));
}

std::optional<std::string> element(std::string_view text, std::string_view number) {
    std::size_t at = 0;
    auto const* const end = number.data() + number.size();
    auto array = json::read<std::vector<json::Raw>>(text, limits);
    if (!array || std::from_chars(number.data(), end, at).ptr != end || at >= array->size()) {
        return std::nullopt;
    }
    return std::move((*array)[at].text);
}

}  // namespace

std::optional<std::string> json_raw_at(std::string_view text, std::string_view path) {
    std::optional<std::string> value(text);
    while (!path.empty() && value) {
        if (path.front() == '[') {
            auto const close = path.find(']');
            if (close == std::string_view::npos) {
                return std::nullopt;
            }
            value = element(*value, path.substr(1, close - 1));
            path.remove_prefix(close + 1);
        } else {
            auto const end = path.find_first_of(".[");
            value = member(*value, std::string(path.substr(0, end)));
            path.remove_prefix(std::min(end, path.size()));
        }
        if (path.starts_with('.')) {
            path.remove_prefix(1);
        }
    }
    return value;
}

std::string json_at(std::string_view text, std::string_view path) {
    const auto value = json_raw_at(text, path);
    if (!value || *value == "null") {
        return {};
    }
    if (value->starts_with('"')) {
        return json::read<std::string>(*value, limits).value_or("");
    }
    return *value;
}

}  // namespace brio::load
