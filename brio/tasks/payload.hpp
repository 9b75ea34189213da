// From a message's arguments to a struct: by position and by name, as callers in Python give them.
#pragma once
#include <cstddef>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include <brio/json/read.hpp>
#include <brio/json/write.hpp>
#include <brio/reflect/fields.hpp>
#include <brio/tasks/message.hpp>

namespace brio::tasks {

/// A payload that no struct can be made of: what is wrong with it, for people.
struct PayloadError {
    std::string words;
};

/// One JSON object of both: `args` are the fields in order, `kwargs` those by name. Values stay as they are
/// written, so that numbers lose nothing.
std::expected<std::string, PayloadError> merged_arguments(std::string_view args, std::string_view kwargs,
                                                          std::span<const std::string_view> fields);

template <class T>
std::expected<T, PayloadError> read_payload(const Message& message) {
    const auto object = merged_arguments(message.args, message.kwargs, reflect::field_names<T>);
    if (!object) {
        return std::unexpected(object.error());
    }
    auto value = json::read<T>(*object, {.bytes = SIZE_MAX});
    if (!value) {
        return std::unexpected(PayloadError{json::describe(value.error())});
    }
    return std::move(*value);
}

/// The other way: all by name.
template <class T>
std::string write_payload(const T& task) {
    return json::to_string(task);
}

}  // namespace brio::tasks
