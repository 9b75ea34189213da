#include <brio/tasks/payload.hpp>

#include <map>
#include <vector>

#include <brio/base/text.hpp>
#include <brio/json/raw.hpp>

namespace brio::tasks {

std::expected<std::string, PayloadError> merged_arguments(std::string_view args, std::string_view kwargs,
                                                          std::span<const std::string_view> fields) {
    const json::ReadLimits limits{.bytes = SIZE_MAX};
    const auto by_position = json::read<std::vector<json::Raw>>(args, limits);
    if (!by_position) {
        return std::unexpected(
            PayloadError{concat({"args is no JSON array: ", json::describe(by_position.error())})});
    }
    auto by_name = json::read<std::map<std::string, json::Raw>>(kwargs, limits);
    if (!by_name) {
        return std::unexpected(
            PayloadError{concat({"kwargs is no JSON object: ", json::describe(by_name.error())})});
    }
    if (by_position->size() > fields.size()) {
        return std::unexpected(
            PayloadError{concat({integer_text(by_position->size()), " arguments by position; the task has ",
                                 integer_text(fields.size())})});
    }
    for (std::size_t i = 0; i < by_position->size(); ++i) {
        if (!by_name->emplace(std::string(fields[i]), (*by_position)[i]).second) {
            return std::unexpected(
                PayloadError{concat({"the argument ", fields[i], " is given by position and by name"})});
        }
    }
    return json::to_string(*by_name);
}

}  // namespace brio::tasks
