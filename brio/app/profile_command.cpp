#include <brio/app/profile_command.hpp>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <stdexcept>

#include <brio/app/listing.hpp>
#include <brio/app/profile_routes.hpp>
#include <brio/base/text.hpp>
#include <brio/http/client.hpp>
#include <brio/http/percent.hpp>
#include <brio/runtime/awaitables.hpp>
#include <brio/runtime/offload.hpp>
#include <brio/runtime/run.hpp>

namespace brio::app {

namespace {

constexpr std::chrono::milliseconds looks_every{200};
constexpr std::size_t longest_profile = std::size_t{64} << 20;

/// Talks to the program's admin server.
class Caller {
public:
    explicit Caller(const Settings& settings)
        : server_(url_of(settings.admin_host, settings.admin_port)),
          options_(admin_call_options(settings)) {}

    http::OutboundAnswer get(const std::string& target) {
        return checked([&] { return outbound().get(server_ + target, options_); });
    }
    http::OutboundAnswer post(const std::string& target) {
        return checked([&] {
            return outbound().send({.method = "POST", .url = server_ + target, .options = options_});
        });
    }
    void rest() { runtime::run(loop_, pause()); }

private:
    static Async<void> pause() { co_await runtime::sleep_for(looks_every); }
    http::Outbound outbound() { return http::Outbound(client_, offload_); }
    template <class Call>
    http::OutboundAnswer checked(Call call) {
        try {
            auto answer = runtime::run(loop_, call());
            if (answer.is_success()) {
                return answer;
            }
            if (answer.status == 401) {
                throw std::runtime_error(concat({server_, " asks for a token: set BRIO_ADMIN_TOKEN"}));
            }
            throw std::runtime_error(concat({server_, " takes no profile: ", detail_of(answer.body())}));
        } catch (const http::OutboundFailed& failed) {
            throw std::runtime_error(concat({"nobody answers at ", server_, " (", failed.what(),
                                             "): is the program running, with this admin host and port?"}));
        }
    }
    static std::string detail_of(std::string_view problem) {
        constexpr std::string_view key = R"("detail":")";
        const auto from = problem.find(key);
        if (from == problem.npos) {
            return std::string(problem.substr(0, 200));
        }
        const auto rest = problem.substr(from + key.size());
        return std::string(rest.substr(0, rest.find('"')));
    }

    const std::string server_;
    http::OutboundOptions options_;
    runtime::Loop loop_;
    http::Client client_{{.limits = {.body = longest_profile}}};
    runtime::OffloadPool offload_{{.threads = 1}};
};

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
    Caller caller(settings);
    const auto hz = words.hz ? concat({"&hz=", integer_text(*words.hz)}) : std::string();
    const auto started =
        caller.post(concat({"/api/profile?seconds=", integer_text(words.seconds), hz})).as<ProfileState>();
    for (auto state = started.state; state != "done";) {
        caller.rest();
        const auto list = caller.get("/api/profile").as<ProfileList>();
        const auto found = std::ranges::find(list.profiles, started.id, &ProfileState::id);
        if (found == list.profiles.end()) {
            throw std::runtime_error("the program could not finish the profile: its log says why");
        }
        state = found->state;
    }
    Buffer name;
    http::percent_encode(words.name, name);
    const auto answer =
        caller.get(concat({"/api/profile/", integer_text(started.id), "?format=", words.format,
                           words.name.empty() ? "" : "&name=", name.view()}));
    put(std::string(answer.body()), words.file);
    return 0;
}

}  // namespace brio::app
