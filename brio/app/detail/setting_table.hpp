// Every setting: its name, what it may be, and how its text becomes a value and back. The kinds that there
// are stand in setting_kinds.hpp.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <brio/app/settings.hpp>

namespace brio::app::detail {

struct Setting {
    std::string name;
    std::string help;
    std::string may_be;  // "a number from 1 to 65535"
    /// False when the text is not what it may be; then nothing has changed.
    std::function<bool(Settings&, std::string_view)> read;
    std::function<std::string(const Settings&)> text;
    bool secret = false;
};

/// In the order in which they are shown.
const std::vector<Setting>& setting_table();

const Setting* find_setting(std::string_view name);

/// The name of `names` that `name` was most likely meant to be; empty when none is near.
std::string nearest_name(std::string_view name, std::span<const std::string> names);

/// The keys of a brio.toml with their values as text, or why it is none.
struct FileText {
    std::vector<NamedText> entries;
    std::string error;  // with line and column
};
FileText read_file_text(std::string_view toml);

}  // namespace brio::app::detail
