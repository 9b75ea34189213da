#include <brio/metrics/detail/family_state.hpp>

#include <algorithm>

namespace brio::metrics::detail {

namespace {

bool is_word(std::string_view name, bool colon) noexcept {
    const auto fits = [colon](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               (colon && c == ':');
    };
    return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
           std::all_of(name.begin(), name.end(), fits);
}

}  // namespace

std::string label_text(const std::vector<std::string>& names, const std::vector<std::string>& values) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        text += i == 0 ? "" : ",";
        text += names[i];
        text += "=\"";
        for (const char c : values[i]) {
            if (c == '\\' || c == '"') {
                text += '\\';
                text += c;
            } else if (c == '\n') {
                text += "\\n";
            } else {
                text += c;
            }
        }
        text += '"';
    }
    return text;
}

bool is_metric_name(std::string_view name) noexcept { return is_word(name, true); }
bool is_label_name(std::string_view name) noexcept { return is_word(name, false) && !name.starts_with("__"); }

}  // namespace brio::metrics::detail
