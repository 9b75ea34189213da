#include "new_project.hpp"

#include <algorithm>
#include <array>

#include <brio/base/text.hpp>

namespace brio::tool {
namespace {

constexpr std::size_t longest_name = 40;
constexpr std::string_view mark = "@NAME@";

// Targets that CMake and its generators have.
constexpr std::array<std::string_view, 10> of_cmake = {"all",           "clean",   "depend",  "edit_cache",
                                                       "help",          "install", "package", "preinstall",
                                                       "rebuild_cache", "test"};
// What a program of Brio is linked with: CMake would take a target of that name for the library.
constexpr std::string_view of_libraries = " " BRIO_LIBRARIES " brio gtest m ";

bool is_letter(char c) { return c >= 'a' && c <= 'z'; }
bool is_letter_or_digit(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }
bool joins(char c) { return c == '-' || c == '_'; }

std::string replaced(std::string_view text, std::string_view name) {
    std::string result;
    for (std::size_t at = 0;;) {
        auto const next = text.find(mark, at);
        result += text.substr(at, next - at);
        if (next == text.npos) {
            return result;
        }
        result += name;
        at = next + mark.size();
    }
}

// Letters and digits, each '-' and '_' between two of them, a letter first.
bool is_well_formed(std::string_view name) {
    char before = '-';
    for (auto const c : name) {
        if (!(is_letter_or_digit(c) || (joins(c) && !joins(before)))) {
            return false;
        }
        before = c;
    }
    return !name.empty() && is_letter(name.front()) && !joins(before);
}

}  // namespace

std::vector<ProjectFile> project_files(std::string_view name) {
    std::vector<ProjectFile> files;
    for (auto const& each : project_template()) {
        files.push_back({replaced(each.path, name), replaced(each.text, name), each.text.starts_with("#!")});
    }
    return files;
}

std::string name_fault(std::string_view name) {
    if (name.size() > longest_name) {
        return concat({"has ", integer_text(name.size()), " characters; ", integer_text(longest_name),
                       " are the most"});
    }
    if (!is_well_formed(name)) {
        return "must be lower-case letters and digits, a letter first, with single '-' or '_' between them";
    }
    if (std::ranges::find(of_cmake, name) != of_cmake.end()) {
        return "is a target that CMake has already";
    }
    if (of_libraries.contains(concat({" ", name, " "}))) {
        return "is a library that every program of Brio is linked with";
    }
    return {};
}

std::string near_name(std::string_view name) {
    std::string made;
    for (auto c : name) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        if (made.empty() ? is_letter(c) : is_letter_or_digit(c)) {
            made += c;
        } else if (!made.empty() && !joins(made.back())) {
            made += c == '_' ? '_' : '-';
        }
    }
    made.resize(std::min(made.size(), longest_name));
    while (!made.empty() && joins(made.back())) {
        made.pop_back();
    }
    return name_fault(made).empty() ? made : made.empty() ? made : concat({made, "-service"});
}

}  // namespace brio::tool
