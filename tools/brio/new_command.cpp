#include "new_command.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <ranges>
#include <stdexcept>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <brio/base/text.hpp>
#include "new_project.hpp"

namespace brio::tool {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view usage =
    "usage: brio new FOLDER [--name NAME]\n\n"
    "Writes a service into FOLDER, which is new or empty (`.` is the current one): a model with a migration, "
    "an\n"
    "API, a background task, users for load tests, tests of all of it, and ./dev, which builds and runs "
    "them.\n\n"
    "  --name NAME  the service's name; without it that of the folder. Lower-case letters and digits, a "
    "letter\n"
    "               first, with single '-' or '_' between them\n";

struct BadUse : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct Wanted {
    fs::path folder;
    std::string name;
};

fs::path without_slash(fs::path folder) { return folder.has_filename() ? folder : folder.parent_path(); }

Wanted read(const std::vector<std::string>& arguments) {
    Wanted wanted;
    std::optional<std::string> name;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        auto const& word = arguments[i];
        if (word == "--name" && i + 1 < arguments.size()) {
            name = arguments[++i];
        } else if (word.starts_with("--name=")) {
            name = word.substr(std::strlen("--name="));
        } else if (word.starts_with("-")) {
            throw BadUse(word == "--name" ? "--name needs a name" : concat({"there is no option ", word}));
        } else if (!wanted.folder.empty()) {
            throw BadUse(concat({"takes one folder, not ", wanted.folder.string(), " and ", word}));
        } else {
            wanted.folder = fs::path(word).lexically_normal();
        }
    }
    if (wanted.folder.empty()) {
        throw BadUse("say where: `brio new shop` writes the service shop into the folder shop");
    }
    wanted.folder = without_slash(wanted.folder);
    wanted.name =
        name ? *name : without_slash(fs::absolute(wanted.folder).lexically_normal()).filename().string();
    if (auto const fault = name_fault(wanted.name); !fault.empty()) {
        auto const near = near_name(wanted.name);
        auto const instead = near.empty() ? std::string("NAME") : near;
        throw BadUse(concat({"the name \"", valid_utf8(wanted.name), "\" ", fault, ": brio new ",
                             name || wanted.folder == "." || wanted.folder.has_parent_path()
                                 ? concat({wanted.folder.string(), " --name ", instead})
                                 : instead}));
    }
    return wanted;
}

/// Everything that is made is taken away again unless keep() is called.
class NewFolder {
public:
    explicit NewFolder(fs::path root) : root_(std::move(root)) { make(root_); }
    NewFolder(const NewFolder&) = delete;
    NewFolder& operator=(const NewFolder&) = delete;
    ~NewFolder() {
        for (; !made_.empty(); made_.pop_back()) {
            std::error_code ignored;
            fs::remove(made_.back(), ignored);
        }
    }
    void write(const ProjectFile& file) {
        auto const path = root_ / file.path;
        make(path.parent_path());
        auto const descriptor =
            ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, file.is_executable ? 0777 : 0666);
        if (descriptor < 0) {
            fail("cannot write", path);
        }
        made_.push_back(path);
        std::string_view left = file.text;
        while (!left.empty()) {
            auto const written = ::write(descriptor, left.data(), left.size());
            if (written < 0 && errno != EINTR) {
                auto const error = errno;
                ::close(descriptor);
                errno = error;
                fail("cannot write", path);
            }
            left.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
        }
        if (::close(descriptor) != 0) {
            fail("cannot write", path);
        }
    }
    void keep() { made_.clear(); }

private:
    [[noreturn]] static void fail(std::string_view what, const fs::path& path) {
        throw std::runtime_error(concat({what, " ", path.string(), ": ", std::strerror(errno)}));
    }
    void make(const fs::path& folder) {
        if (folder.empty() || fs::is_directory(folder)) {
            return;
        }
        make(folder.parent_path());
        if (::mkdir(folder.c_str(), 0777) != 0) {
            fail("cannot make the folder", folder);
        }
        made_.push_back(folder);
    }

    fs::path root_;
    std::vector<fs::path> made_;  // folders before what is in them
};

// A folder that is there holds nothing, or only what a repository without files has.
void refuse_what_is_there(const fs::path& folder) {
    auto const status = fs::status(folder);
    if (!fs::exists(status)) {
        return;
    }
    if (!fs::is_directory(status)) {
        throw BadUse(concat({folder.string(), " is there and no folder: choose another one"}));
    }
    for (auto const& entry : fs::directory_iterator(folder)) {
        if (entry.path().filename() != ".git") {
            throw BadUse(
                concat({"the folder ", folder.string(), " is not empty (", entry.path().filename().string(),
                        " is in it): choose another one, or empty it"}));
        }
    }
}

void write_project(const Wanted& wanted) {
    refuse_what_is_there(wanted.folder);
    auto const files = project_files(wanted.name);
    NewFolder folder(wanted.folder);
    for (auto const& file : files) {
        folder.write(file);
    }
    folder.keep();

    std::error_code no_program;
    auto const program = fs::read_symlink("/proc/self/exe", no_program);
    auto const* const path = std::getenv("PATH");
    auto const before = found_by(program, path != nullptr ? path : "");
    auto const enter = wanted.folder == "." ? std::string() : concat({"  cd ", wanted.folder.string(), "\n"});
    auto const text =
        concat({"the service ", wanted.name, ", ", integer_text(files.size()),
                " files: README.md says what is in which\n\n", enter, "  ", before,
                "./dev run     builds and serves it\n  ", before, "./dev test    runs its tests\n"});
    std::fwrite(text.data(), 1, text.size(), stdout);
}

}  // namespace

int run_new(const std::vector<std::string>& arguments) {
    for (auto const& word : arguments) {
        if (word == "--help" || word == "-h") {
            std::fwrite(usage.data(), 1, usage.size(), stdout);
            return 0;
        }
    }
    try {
        write_project(read(arguments));
        return 0;
    } catch (const BadUse& error) {
        std::fprintf(stderr, "brio new: %s\n", error.what());
        return 2;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "brio new: %s; nothing is left of it\n", error.what());
        return 1;
    }
}

std::string found_by(const std::filesystem::path& program, std::string_view path) {
    auto const prefix = program.parent_path().parent_path();
    if (prefix == "/usr" || prefix == "/usr/local" || !fs::exists(prefix / "lib/cmake/brio")) {
        return {};
    }
    for (auto const part : path | std::views::split(':')) {
        auto const entry = fs::path(std::string_view(part.begin(), part.end())).lexically_normal();
        if (without_slash(entry) == program.parent_path()) {
            return {};
        }
    }
    return concat({"CMAKE_PREFIX_PATH=", prefix.string(), " "});
}

Usage new_usage() {
    return {.name = "new",
            .help = {},
            .options = {{.names = {"folder"},
                         .help = "new or empty; `.` is the current one",
                         .value = "FILE",
                         .takes_value = true,
                         .is_argument = true,
                         .is_required = true},
                        {.names = {"--name"},
                         .help = "the service's name; without it that of the folder",
                         .value = "NAME",
                         .takes_value = true},
                        {.names = {"-h", "--help"}, .help = "show what it takes"}}};
}

}  // namespace brio::tool
