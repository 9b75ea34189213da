#include <algorithm>
#include <array>
#include <cstdlib>
#include <span>

#include <brio/load/detail/command_options.hpp>
#include <brio/load/followers.hpp>

#include <CLI/CLI.hpp>

namespace brio::load::detail {
namespace {

void add_worker(CLI::App& app, Typed& typed) {
    auto* worker = app.add_flag("--worker", typed.is_worker,
                                "let a Locust master lead: it says how many users there are and shows what "
                                "became of their requests");
    app.add_option("--master-host", typed.master.host, "where the master is (127.0.0.1)")
        ->type_name("HOST")
        ->needs(worker);
    app.add_option("--master-port", typed.master.port, "of it (5557)")
        ->type_name("PORT")
        ->check(CLI::Range(1, 65535))
        ->needs(worker);
}

void add_address(CLI::App& app, const char* name, std::optional<WebAddress>& into, const char* help) {
    app.add_option_function<std::string>(
           name,
           [&into, name](const std::string& text) {
               auto address = parse_web_address(text);
               if (!address) {
                   throw CLI::ValidationError(name, address.error());
               }
               into = std::move(*address);
           },
           help)
        ->type_name("[HOST:]PORT");
}

void add_web(CLI::App& app, CommandWords& words) {
    add_address(app, "--web", words.web,
                "lead it from a page of this port, which begins, changes, stops and shows runs");
}

void add_following(CLI::App& app, CommandWords& words) {
    add_address(app, "--lead", words.lead,
                "let others make the load, who come to this port; the report is of them all");
    app.add_option("--followers", words.followers, "so many others, each with its part of the load")
        ->type_name("N")
        ->check(CLI::Range(std::size_t{1}, follow::Followers::most))
        ->needs("--lead");
    app.get_option("--lead")->needs("--followers");
    add_address(app, "--follow", words.follow, "make a part of the load, as the one who leads there says");
    app.add_option("--secret", words.secret,
                   "of leader and followers; better in BRIO_LOAD_SECRET, where nobody else reads it")
        ->type_name("WORD");
}

/// The page says how much load there is, and when.
void check_web(const CLI::App& app, const CommandWords& words) {
    if (!words.web) {
        return;
    }
    for (auto const* name : {"--find-limit", "--stages", "--warm-up"}) {
        if (app.count(name) > 0) {
            throw CLI::ValidationError(name,
                                       "has no meaning with --web, whose page says how much load there is");
        }
    }
}

// The master decides how much and judges; of the rest it is left what the requests and the generator are
// like.
void check_kept(const CLI::App& app, std::span<const char* const> kept, const char* instead) {
    for (auto const* option : app.get_options()) {
        if (option->count() > 0 && std::ranges::find(kept, option->get_name()) == kept.end()) {
            throw CLI::ValidationError(option->get_name(), instead);
        }
    }
}

void check_worker(const CLI::App& app) {
    constexpr std::array kept{"url",           "--worker",       "--master-host", "--master-port",
                              "--connections", "--threads",      "--timeout",     "--seed",
                              "--quiet",       "--certificates", "--method",      "--header",
                              "--body",        "--body-file",    "--expect",      "--wait"};
    check_kept(app, kept, "with --worker that is the master's to say");
}

void check_following(const CLI::App& app, CommandWords& words) {
    if (words.follow) {
        constexpr std::array kept{"--follow", "--secret", "--certificates", "--quiet"};
        check_kept(app, kept, "with --follow that is the leader's to say");
    }
    if (!words.secret.empty() && !words.lead && !words.follow) {
        throw CLI::ValidationError("--secret", "is of --lead and --follow: nobody else asks for it");
    }
    for (auto const* name : {"--web", "--find-limit", "--worker"}) {
        if (words.lead && app.count(name) > 0) {
            throw CLI::ValidationError(name, "has no meaning with --lead, which carries out one run");
        }
    }
    if (words.lead && words.script) {
        throw CLI::ValidationError(
            "--lead",
            "has no meaning with a scenario file: followers send one request, or have users in C++");
    }
    if (auto const* secret = std::getenv("BRIO_LOAD_SECRET"); secret != nullptr && words.secret.empty()) {
        words.secret = secret;
    }
}

}  // namespace

void add_leading(CLI::App& app, CommandWords& words, Typed& typed) {
    add_worker(app, typed);
    add_web(app, words);
    add_following(app, words);
}

void check_leading(const CLI::App& app, CommandWords& words, const Typed& typed) {
    if (typed.is_worker) {
        check_worker(app);
    }
    check_following(app, words);
    check_web(app, words);
}

}  // namespace brio::load::detail
