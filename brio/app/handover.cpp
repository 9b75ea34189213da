#include <brio/app/handover.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <stdexcept>
#include <system_error>

#include <brio/base/environment.hpp>
#include <brio/base/text.hpp>
#include <brio/json/read.hpp>
#include <brio/json/write.hpp>

namespace brio::app {

/// What can be read of any version.
struct VersionOfHandover {
    static constexpr bool open_object = true;
    std::int32_t version;
    std::int32_t supervisor;
};

namespace {

constexpr const char* variable = "BRIO_HANDOVER";

void add(std::vector<std::int32_t>& to, std::int32_t descriptor) {
    if (descriptor >= 0) {
        to.push_back(descriptor);
    }
}

std::vector<std::int32_t> descriptors(const Handover& handover) {
    auto all = descriptors(handover.listeners);
    for (auto const each : {handover.recordings, handover.next_recordings, handover.news, handover.counts}) {
        add(all, each);
    }
    if (handover.kept) {
        add(all, handover.kept->news);
        add(all, handover.kept->worker_counts);
    }
    return all;
}

void let_inherit(const std::vector<std::int32_t>& all, bool is_inherited) noexcept {
    for (auto const each : all) {
        ::fcntl(each, F_SETFD, is_inherited ? 0 : FD_CLOEXEC);
    }
}

bool write_all(int file, std::string_view text) noexcept {
    while (!text.empty()) {
        auto const written = ::write(file, text.data(), text.size());
        if (written < 0 && errno != EINTR) {
            return false;
        }
        text.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(0, written)));
    }
    return true;
}

std::string read_all(int file) {
    std::string text;
    char some[4096];
    for (;;) {
        auto const size = ::pread(file, some, sizeof some, static_cast<off_t>(text.size()));
        if (size <= 0) {
            return text;
        }
        text.append(some, static_cast<std::size_t>(size));
    }
}

// The environment with the one variable more.
std::vector<char*> environment_with(std::string& assignment) {
    std::vector<char*> all;
    for (char** each = environ; each != nullptr && *each != nullptr; ++each) {
        all.push_back(*each);
    }
    all.push_back(assignment.data());
    all.push_back(nullptr);
    return all;
}

}  // namespace

HandedListeners describe(const Listeners& listeners) {
    HandedListeners handed{.api = {},
                           .admin = listeners.admin.fd(),
                           .api_port = listeners.api_port,
                           .admin_port = listeners.admin_port,
                           .api_host = listeners.api_host,
                           .admin_host = listeners.admin_host,
                           .redirect = listeners.redirect.fd(),
                           .redirect_port = listeners.redirect_port,
                           .redirect_host = listeners.redirect_host,
                           .handed_over = listeners.handed_over};
    for (auto const& each : listeners.api) {
        handed.api.push_back(each.fd());
    }
    return handed;
}

Listeners own(const HandedListeners& handed) {
    Listeners listeners;
    for (auto const each : handed.api) {
        listeners.api.emplace_back(each);
    }
    listeners.admin = runtime::File(handed.admin);
    listeners.api_port = handed.api_port;
    listeners.admin_port = handed.admin_port;
    listeners.api_host = handed.api_host;
    listeners.admin_host = handed.admin_host;
    listeners.redirect = runtime::File(handed.redirect);
    listeners.redirect_port = handed.redirect_port;
    listeners.redirect_host = handed.redirect_host;
    listeners.handed_over = handed.handed_over;
    return listeners;
}

std::vector<std::int32_t> descriptors(const HandedListeners& handed) {
    auto all = handed.api;
    add(all, handed.admin);
    add(all, handed.redirect);
    return all;
}

int become(const Handover& handover, std::span<const std::string> arguments) noexcept {
    try {
        auto const file = memory_file("brio-handover");
        if (!write_all(file.fd(), json::to_string(handover))) {
            return errno;
        }
        auto inherited = descriptors(handover);
        inherited.push_back(file.fd());
        auto assignment = concat({variable, "=", integer_text(file.fd())});
        auto const all = environment_with(assignment);
        std::vector<char*> words;
        for (auto const& each : arguments) {
            words.push_back(const_cast<char*>(each.c_str()));
        }
        words.push_back(nullptr);
        let_inherit(inherited, true);
        ::execve(handover.program.c_str(), words.data(), all.data());
        auto const failed = errno;
        let_inherit(inherited, false);
        return failed;
    } catch (const std::system_error& error) {
        return error.code().value();
    } catch (const std::bad_alloc&) {
        return ENOMEM;
    }
}

std::optional<Handover> take_handover() {
    auto const text = environment(variable);
    if (!text) {
        return std::nullopt;
    }
    int number = -1;
    std::from_chars(text->data(), text->data() + text->size(), number);
    ::unsetenv(variable);  // not for the programs that this one may start
    auto const written = read_all(number);
    auto const version = json::read<VersionOfHandover>(written);
    if (!version || (version->supervisor != ::getpid() && version->supervisor != ::getppid())) {
        return std::nullopt;  // it was meant for another
    }
    runtime::File const file(number);
    if (version->version != Handover::version_here) {
        throw std::runtime_error(
            concat({"this program cannot follow the one that runs without a gap, which hands over in form ",
                    integer_text(version->version), ", this one knows ", integer_text(Handover::version_here),
                    "; stop it and start this one"}));
    }
    auto handover = json::read<Handover>(written);
    if (!handover) {
        throw std::runtime_error(concat({"what the program that runs hands over cannot be read: ",
                                         json::describe(handover.error()), "; stop it and start this one"}));
    }
    let_inherit(descriptors(*handover), false);
    return *std::move(handover);
}

runtime::File memory_file(const char* name) {
    runtime::File file(::memfd_create(name, MFD_CLOEXEC));
    if (!file) {
        throw std::system_error(errno, std::generic_category(), "a file in memory (memfd_create)");
    }
    return file;
}

}  // namespace brio::app
