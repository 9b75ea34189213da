#include <brio/app/program_file.hpp>

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include <brio/base/environment.hpp>
#include <brio/base/text.hpp>

namespace brio::app {
namespace {

constexpr const char* running_file = "/proc/self/exe";

// As the user's shell names it, if it still is this one; else as the kernel does.
std::string working_directory() {
    auto const here = identity_of(".");
    if (auto const named = environment("PWD"); named && named->starts_with('/')) {
        if (auto const there = identity_of(std::string(*named)); there && here && *there == *here) {
            return std::string(*named);
        }
    }
    char path[PATH_MAX];
    return ::getcwd(path, sizeof path) != nullptr ? path : "";
}

std::string absolute(std::string_view path) {
    if (path.starts_with('/')) {
        return std::string(path);
    }
    auto const folder = working_directory();
    return concat({folder, folder.ends_with('/') ? "" : "/", path});
}

std::vector<std::string> candidates(std::string_view name) {
    if (name.contains('/')) {
        return {absolute(name)};
    }
    std::vector<std::string> found;
    std::string_view rest = environment("PATH").value_or("/usr/local/bin:/usr/bin:/bin");
    for (auto more = !name.empty(); more;) {
        auto const end = std::min(rest.find(':'), rest.size());
        auto const folder = rest.substr(0, end);
        found.push_back(absolute(folder.empty() ? name : concat({folder, "/", name})));
        more = end < rest.size();
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return found;
}

}  // namespace

std::optional<FileIdentity> identity_of(const std::string& path) {
    struct stat found{};
    if (::stat(path.c_str(), &found) != 0) {
        return std::nullopt;
    }
    return FileIdentity{
        .device = found.st_dev,
        .inode = found.st_ino,
        .bytes = static_cast<std::uint64_t>(found.st_size),
        .modified_ns = std::int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec};
}

FileIdentity identity_of_running() { return identity_of(running_file).value_or(FileIdentity{}); }

std::optional<std::string> path_of(std::string_view name, const FileIdentity& running) {
    for (auto& path : candidates(name)) {
        if (identity_of(path) == running) {
            return std::move(path);
        }
    }
    return std::nullopt;
}

std::string path_of_program(std::string_view name) {
    if (auto path = path_of(name, identity_of_running())) {
        return *std::move(path);
    }
    char path[PATH_MAX];
    auto const size = ::readlink(running_file, path, sizeof path);
    std::string_view file(path, static_cast<std::size_t>(std::max<ssize_t>(0, size)));
    constexpr std::string_view removed = " (deleted)";
    if (file.ends_with(removed)) {
        file.remove_suffix(removed.size());
    }
    return file.empty() ? absolute(name) : std::string(file);
}

}  // namespace brio::app
