#include <brio/base/completion.hpp>

#include <algorithm>

#include <brio/base/text.hpp>

namespace brio {
namespace {

// "--a" "=" "b" becomes "--a=b", unless it is the last word: there bash completes "b" alone.
std::vector<std::string> joined(std::span<const std::string> words) {
    std::vector<std::string> whole;
    for (std::size_t i = 0; i < words.size(); ++i) {
        auto const is_cut = words[i] == "=" && !whole.empty() && whole.back().starts_with("--");
        if (is_cut && i + 2 < words.size()) {
            whole.back() += "=" + words[++i];
        } else if (is_cut) {
            if (i + 1 == words.size()) {
                whole.emplace_back();
            }
        } else {
            whole.push_back(words[i]);
        }
    }
    return whole;
}

// Where the words before the last have led to.
struct Place {
    const Usage* command;
    const UsageOption* waiting = nullptr;  // the option whose value is the next word
    std::size_t arguments = 0;
    bool only_arguments = false;      // behind "--"
    std::vector<std::string> behind;  // of the command
};

void step(Place& place, const std::string& word) {
    place.behind.push_back(word);
    if (place.waiting != nullptr) {
        place.waiting = nullptr;
    } else if (!place.only_arguments && word == "--") {
        place.only_arguments = true;
    } else if (!place.only_arguments && word.starts_with('-')) {
        auto const* option = place.command->find_option(word);
        place.waiting = option != nullptr && option->takes_value ? option : nullptr;
    } else if (auto const* next = place.command->find_command(word); next != nullptr) {
        place = {.command = next};
    } else {
        ++place.arguments;
    }
}

void offer(Completion& into, std::string_view begun, std::string_view text, std::string_view help) {
    if (text.starts_with(begun)) {
        into.candidates.push_back({std::string(text), std::string(help)});
    }
}

void offer_values(Completion& into, std::string_view begun, const UsageOption& option,
                  std::string_view before = {}) {
    for (auto const& choice : option.choices) {
        offer(into, begun, concat({before, choice}), {});
    }
    into.files = into.files || (option.is_file() && option.choices.empty());
}

void offer_options(Completion& into, std::string_view begun, const Place& place) {
    auto const is_typed = [&](const std::string& name) {
        return std::ranges::any_of(place.behind, [&](const std::string& word) {
            return word == name || word.starts_with(concat({name, "="}));
        });
    };
    for (auto const& option : place.command->options) {
        if (option.is_argument || (!option.is_repeatable && std::ranges::any_of(option.names, is_typed))) {
            continue;
        }
        offer(into, begun, option.names.back(), option.help);  // the long one, which says what it is
    }
}

const UsageOption* argument_at(const Usage& command, std::size_t place) {
    const UsageOption* last = nullptr;
    for (auto const& option : command.options) {
        if (!option.is_argument) {
            continue;
        }
        last = &option;
        if (place-- == 0) {
            return last;
        }
    }
    return last != nullptr && last->is_repeatable ? last : nullptr;
}

}  // namespace

Completion complete(const Usage& usage, std::span<const std::string> words) {
    auto const whole = joined(words);
    auto const last = whole.empty() ? std::string() : whole.back();
    Place place{.command = &usage};
    for (std::size_t i = 0; i + 1 < whole.size(); ++i) {
        step(place, whole[i]);
    }
    Completion found;
    auto const equals = last.find('=');
    if (place.waiting != nullptr) {
        offer_values(found, last, *place.waiting);
    } else if (!place.only_arguments && last.starts_with("--") && equals != std::string::npos) {
        if (auto const* option = place.command->find_option(last.substr(0, equals)); option != nullptr) {
            offer_values(found, last, *option, last.substr(0, equals + 1));
        }
    } else if (!place.only_arguments && last.starts_with('-')) {
        offer_options(found, last, place);
    } else {
        for (auto const& command : place.command->commands) {
            if (place.arguments == 0) {
                offer(found, last, command.name, command.help);
            }
        }
        if (auto const* argument = argument_at(*place.command, place.arguments); argument != nullptr) {
            offer_values(found, last, *argument);
        }
        if (found.candidates.empty() && !found.files && last.empty() && !place.only_arguments) {
            offer_options(found, last, place);
        }
        found.files = found.files || (place.command->takes_any && found.candidates.empty());
    }
    return found;
}

std::string completion_lines(const Completion& completion) {
    std::string lines;
    for (auto const& [text, help] : completion.candidates) {
        lines += text;
        if (!help.empty()) {
            lines += "\t" + help;
        }
        lines += '\n';
    }
    if (completion.files) {
        lines += ":files\n";
    }
    return lines;
}

Usage completion_usage() {
    return {.name = "completion",
            .help = "print a script for a shell that completes what is typed",
            .options = {{.names = {"shell"},
                         .help = "bash, zsh or fish",
                         .value = "",
                         .choices = {"bash", "zsh", "fish"},
                         .takes_value = true,
                         .is_argument = true,
                         .is_required = true}}};
}

PrintedCompletion print_completion(const Usage& usage, std::span<const std::string> words) {
    if (!words.empty() && words.front() == "words") {
        return {.text = completion_lines(complete(usage, words.subspan(1))), .error = {}};
    }
    auto script = words.size() == 1 ? completion_script(words.front(), usage.name) : std::nullopt;
    if (!script) {
        return {.text = {},
                .error = concat(
                    {"completion is for bash, zsh or fish: eval \"$(", usage.name, " completion bash)\""})};
    }
    return {.text = std::move(*script), .error = {}};
}

}  // namespace brio
