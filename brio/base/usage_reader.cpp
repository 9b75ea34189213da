// CLI11 in base is private to this file.
#include <brio/base/text.hpp>
#include <brio/base/usage.hpp>

#include <CLI/CLI.hpp>

namespace brio {
namespace {

// CLI11 says what a value may be as "FORMAT:{html,md}" or "N:INT in [1 - 120]".
void read_type(UsageOption& option, std::string_view type) {
    option.value = type.substr(0, type.find(':'));
    auto const open = type.find('{');
    auto const close = type.find('}', open);
    if (open == std::string_view::npos || close == std::string_view::npos) {
        return;
    }
    auto choices = type.substr(open + 1, close - open - 1);
    while (!choices.empty()) {
        auto const end = std::min(choices.find(','), choices.size());
        option.choices.emplace_back(choices.substr(0, end));
        choices.remove_prefix(std::min(end + 1, choices.size()));
    }
}

UsageOption read_option(const CLI::Option& from) {
    UsageOption option{.help = from.get_description(),
                       .takes_value = from.get_items_expected_max() > 0,
                       .is_argument = !from.nonpositional(),
                       .is_required = from.get_required(),
                       .is_repeatable = from.get_items_expected_max() > 1 ||
                                        from.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll};
    for (auto const& name : from.get_snames()) {
        option.names.push_back("-" + name);
    }
    for (auto const& name : from.get_lnames()) {
        option.names.push_back("--" + name);
    }
    if (option.is_argument) {
        option.names = {from.get_name()};
    }
    if (option.takes_value) {
        read_type(option, from.get_type_name());
    }
    return option;
}

}  // namespace

Usage usage_of(const CLI::App& app) {
    Usage usage{.name = app.get_name(), .help = app.get_description(), .takes_any = app.get_prefix_command()};
    for (auto const* option : app.get_options()) {
        if (!option->get_group().empty()) {
            usage.options.push_back(read_option(*option));
        }
    }
    for (auto const* command : app.get_subcommands([](const CLI::App* each) { return each != nullptr; })) {
        if (!command->get_group().empty()) {
            usage.commands.push_back(usage_of(*command));
        }
    }
    return usage;
}

}  // namespace brio
