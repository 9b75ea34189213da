#include <brio/app/profile_command.hpp>

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <stdexcept>

#include <brio/app/admin_caller.hpp>
#include <brio/app/profile_routes.hpp>
#include <brio/base/text.hpp>
#include <brio/http/percent.hpp>

namespace brio::app {

namespace {

constexpr std::chrono::milliseconds looks_every{200};

void put(const std::string& text, const std::string& file) {
    if (file.empty()) {
        std::fwrite(text.data(), 1, text.size(), stdout);
        return;
    }
    std::ofstream out(file, std::ios::binary);
    out << text;
    out.close();
    if (!out) {
        throw std::runtime_error(concat({"cannot write ", file}));
    }
}

}  // namespace

int profile_program(const Settings& settings, const ProfileWords& words) {
    if (settings.admin_port == 0) {
        throw std::runtime_error(
            "the program has no admin port (BRIO_ADMIN_PORT=0): nobody can be asked for a profile");
    }
    if (words.format == "pprof" && words.file.empty() && ::isatty(STDOUT_FILENO) == 1) {
        throw std::runtime_error("pprof's format is nothing to read: name a file for it with --out");
    }
    AdminCaller caller(settings);
    const auto hz = words.hz ? concat({"&hz=", integer_text(*words.hz)}) : std::string();
    const auto started =
        caller.call("POST", concat({"/api/profile?seconds=", integer_text(words.seconds), hz}))
            .as<ProfileState>();
    for (auto state = started.state; state != "done";) {
        caller.rest(looks_every);
        const auto list = caller.call("GET", "/api/profile").as<ProfileList>();
        const auto found = std::ranges::find(list.profiles, started.id, &ProfileState::id);
        if (found == list.profiles.end()) {
            throw std::runtime_error("the program could not finish the profile: its log says why");
        }
        state = found->state;
    }
    Buffer name;
    http::percent_encode(words.name, name);
    const auto answer =
        caller.call("GET", concat({"/api/profile/", integer_text(started.id), "?format=", words.format,
                                   words.name.empty() ? "" : "&name=", name.view()}));
    put(std::string(answer.body()), words.file);
    return 0;
}

}  // namespace brio::app
