// `brio new FOLDER`: writes a service of one's own into a new folder.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <brio/base/usage.hpp>

namespace brio::tool {

/// Gives the exit status: 0 well, 1 when it could not be written (then nothing is left of it), 2 bad use.
int run_new(const std::vector<std::string>& arguments);

Usage new_usage();

/// What has to stand before `./dev` so that CMake finds the installation that `program`, this one, is of:
/// "CMAKE_PREFIX_PATH=/opt/brio ", or nothing where it looks by itself, which is beside the programs of
/// `path`.
std::string found_by(const std::filesystem::path& program, std::string_view path);

}  // namespace brio::tool
