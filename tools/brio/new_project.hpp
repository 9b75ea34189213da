// What `brio new` writes: the files of template/, with the project's name in place of @NAME@. Pure.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace brio::tool {

struct TemplateFile {
    std::string_view path;  // within the project; may hold @NAME@ itself
    std::string_view text;
};
/// Carried within the program, so that it needs no folder of data. Generated: template.cmake.
std::span<const TemplateFile> project_template() noexcept;

struct ProjectFile {
    std::string path;
    std::string text;
    bool is_executable = false;  // a script
};
/// Requires a name without a fault.
std::vector<ProjectFile> project_files(std::string_view name);

/// What is wrong with it and what it may be, as a sentence without its subject; empty when nothing is. It
/// becomes a program, targets of CMake, a SQLite file, a unit of systemd, a prefix of the names of tasks.
std::string name_fault(std::string_view name);
/// A name without a fault made of it, as "my-shop" of "My Shop!"; empty when nothing is left.
std::string near_name(std::string_view name);

}  // namespace brio::tool
