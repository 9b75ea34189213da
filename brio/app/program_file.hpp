// The file that this program is started from, so that it can be started anew from there.
//
// That is the name it was started by, not where the name led then (/proc/self/exe): a file put in its place
// and a link on the way that was changed (`current -> releases/42`) are what an upgrade is.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace brio::app {

/// Which file a path leads to; another one, or the same written anew, differs.
struct FileIdentity {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t bytes = 0;
    std::int64_t modified_ns = 0;

    friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};
/// Nothing when the path leads nowhere.
std::optional<FileIdentity> identity_of(const std::string& path);
/// Of the file that this process runs, also when it was removed.
FileIdentity identity_of_running();

/// The absolute path of the program that was started as `name` (argv[0]): found as a shell finds it, by PATH
/// when it has no slash; a relative one is of the working directory as PWD names it, links included. Where
/// that is another file than `running`, nothing.
std::optional<std::string> path_of(std::string_view name, const FileIdentity& running);

/// path_of() for this process, or else where its file was when it was started.
std::string path_of_program(std::string_view name);

}  // namespace brio::app
