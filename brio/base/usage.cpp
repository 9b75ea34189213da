#include <brio/base/usage.hpp>

#include <algorithm>
#include <array>

namespace brio {

bool UsageOption::is_file() const noexcept {
    constexpr std::array<std::string_view, 3> words{"FILE", "PREFIX", "PROGRAM"};
    return takes_value && std::ranges::find(words, value) != words.end();
}

const Usage* Usage::find_command(std::string_view wanted) const noexcept {
    auto const found = std::ranges::find(commands, wanted, &Usage::name);
    return found == commands.end() ? nullptr : &*found;
}

const UsageOption* Usage::find_option(std::string_view wanted) const noexcept {
    auto const found = std::ranges::find_if(options, [wanted](const UsageOption& option) {
        return !option.is_argument && std::ranges::find(option.names, wanted) != option.names.end();
    });
    return found == options.end() ? nullptr : &*found;
}

void set_choices(Usage& command, std::string_view name, std::span<const std::string> choices) {
    for (auto& option : command.options) {
        if (std::ranges::find(option.names, name) != option.names.end()) {
            option.choices.assign(choices.begin(), choices.end());
        }
    }
}

}  // namespace brio
