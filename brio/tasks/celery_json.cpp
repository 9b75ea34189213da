#include <brio/tasks/celery_json.hpp>

namespace brio::tasks {

std::string without_infinities(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    bool in_string = false;
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view rest = text.substr(at);
        if (in_string) {
            const std::size_t size = rest.front() == '\\' && rest.size() > 1 ? 2 : 1;
            in_string = rest.front() != '"';
            out += rest.substr(0, size);
            at += size;
            continue;
        }
        std::size_t literal = 0;
        for (const std::string_view each : {"NaN", "Infinity", "-Infinity"}) {
            literal = rest.starts_with(each) ? each.size() : literal;
        }
        in_string = rest.front() == '"';
        out += literal != 0 ? std::string_view("null") : rest.substr(0, 1);
        at += literal != 0 ? literal : 1;
    }
    return out;
}

std::string_view member(const JsonMembers& object, std::string_view name) noexcept {
    const auto found = object.find(name);
    return found == object.end() ? std::string_view("null") : std::string_view(found->second.text);
}

std::optional<std::string> text_member(const JsonMembers& object, std::string_view name) {
    const std::string_view text = member(object, name);
    return text.starts_with('"') ? read_python<std::string>(text) : std::nullopt;
}

}  // namespace brio::tasks
