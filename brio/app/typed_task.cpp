#include <brio/app/typed_task.hpp>

#include <brio/base/text.hpp>

namespace brio::app {

std::expected<tasks::Message, std::string> message_of(const tasks::Definition& task,
                                                      std::string_view arguments) {
    tasks::Message message{.name = std::string(task.policy.name)};
    if (const auto text = trim(arguments); !text.empty()) {
        (text.starts_with('[') ? message.args : message.kwargs) = std::string(arguments);
    }
    if (const auto checked = task.check(message); !checked) {
        return std::unexpected(
            concat({"these are no arguments of ", message.name, ": ", checked.error().words}));
    }
    return message;
}

}  // namespace brio::app
