// What may be typed, as data: a command with its options, its arguments and commands of its own. Help is read
// by people; shell completion (completion.hpp) and manual pages (manual.hpp) are made of this.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace brio {

struct UsageOption {
    std::vector<std::string> names;    // "--port"; of an argument its name alone, "json"
    std::string help;                  // one line
    std::string value;                 // what is to follow, as "FILE"; empty: nothing, or it needs no word
    std::vector<std::string> choices;  // of the value; empty: any
    bool takes_value = false;
    bool is_argument = false;  // chosen by its place, not by its name
    bool is_required = false;
    bool is_repeatable = false;

    /// Whether the value is the name of a file.
    bool is_file() const noexcept;
};

struct Usage {
    std::string name;
    std::string help;  // one line
    std::vector<UsageOption> options;
    std::vector<Usage> commands;
    bool takes_any = false;  // what follows is for somebody else to read

    /// Null when there is none.
    const Usage* find_command(std::string_view name) const noexcept;
    const UsageOption* find_option(std::string_view name) const noexcept;
};

/// Of a command line as CLI11 reads it; what belongs to no group is hidden.
Usage usage_of(const CLI::App& app);

/// The value of this option or argument of the command itself is one of these.
void set_choices(Usage& command, std::string_view option, std::span<const std::string> choices);

}  // namespace brio
