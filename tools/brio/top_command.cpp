#include "top_command.hpp"

#include <algorithm>
#include <cstdio>
#include <sstream>

#include <brio/base/text.hpp>
#include <brio/json/write.hpp>
#include <brio/runtime/run.hpp>

#include <CLI/CLI.hpp>

#include "terminal.hpp"
#include "top_live.hpp"
#include "top_view.hpp"

namespace brio::tool {

namespace {

constexpr std::size_t plain_columns = 120;  // where no terminal says how wide a line is

struct Typed {
    std::vector<std::string> urls;
    bool all = false;
    bool once = false;
    bool json = false;
    std::string page = std::string(page_names.front());
    std::string filter;
    double every = 2;
};

void add_options(CLI::App& app, Typed& typed) {
    app.add_option("url", typed.urls,
                   concat({"admin ports: http://HOST:PORT, HOST:PORT or PORT (", usual_admin, ")"}))
        ->type_name("URL");
    app.add_flag("--all", typed.all, "every process of the service that the first one knows of");
    app.add_option("--page", typed.page, "overview, goals, routes, queries, tasks, resources, instances, log")
        ->type_name("NAME")
        ->check([](const std::string& name) {
            return page_named(name) ? std::string() : concat({"there is no page ", name});
        });
    app.add_option("--filter", typed.filter, "only rows with these letters")->type_name("TEXT");
    app.add_option("--every", typed.every, "seconds between two looks (2)")
        ->type_name("S")
        ->check(CLI::Range(0.2, 3600.0));
    app.add_flag("--once", typed.once, "print it and end, as without a terminal; 1: a goal is missed");
    app.add_flag("--json", typed.json, "the same as JSON, with all that was read");
    app.footer("BRIO_ADMIN_TOKEN is sent where it is set. NO_COLOR is honoured. Key ? shows the keys.");
}

int refuse(std::string_view why, int status) {
    std::fputs(concat({"brio top: ", why, "\n"}).c_str(), stderr);
    return status;
}

int print_once(const Typed& typed, TopReader::Options options) {
    runtime::Loop loop;
    TopReader reader(std::move(options));
    runtime::run(loop, reader.read({}));
    if (const auto failure = reader.failure(); !failure.empty()) {
        return refuse(failure, 1);
    }
    std::string text;
    if (typed.json) {
        text = json::to_string(reader.state()) + "\n";
    } else {
        const auto look = look_of_output();
        const auto columns = Terminal::is_there() ? Terminal::size().columns : plain_columns;
        for (const auto& line : draw_whole(reader.state(), page_named(typed.page), columns, typed.filter)) {
            text += write_line(line, look) + "\n";
        }
    }
    std::fwrite(text.data(), 1, text.size(), stdout);
    return view_of(reader.state(), 0).misses_a_goal() ? 1 : 0;
}

int carry_out(const Typed& typed) {
    TopReader::Options options{.urls = {}, .follows_all = typed.all, .token = admin_token()};
    for (const auto& url : typed.urls) {
        auto whole = admin_url_of(url);
        if (std::ranges::find(options.urls, whole) == options.urls.end()) {
            options.urls.push_back(std::move(whole));
        }
    }
    if (options.urls.empty()) {
        options.urls.emplace_back(usual_admin);
    }
    if (options.urls.size() > TopReader::most_processes) {
        return refuse(concat({"at most ", integer_text(TopReader::most_processes), " processes at a time"}),
                      2);
    }
    if (typed.once || typed.json || !Terminal::is_there()) {
        return print_once(typed, std::move(options));
    }
    LiveOptions live{
        .reader = std::move(options),
        .every = std::chrono::round<std::chrono::nanoseconds>(std::chrono::duration<double>(typed.every)),
        .choice = {.page = *page_named(typed.page), .filter = typed.filter}};
    live.choice.filter.resize(std::min(live.choice.filter.size(), Choice::most_filter));
    const auto end = follow_live(std::move(live));
    return end.failure.empty() ? end.status : refuse(end.failure, end.status);
}

}  // namespace

Usage top_usage() {
    Typed typed;
    CLI::App app;
    add_options(app, typed);
    auto usage = usage_of(app);
    set_choices(usage, "--page", std::vector<std::string>(page_names.begin(), page_names.end()));
    return usage;
}

int run_top(const std::vector<std::string>& arguments) {
    Typed typed;
    CLI::App app("How a service does: goals, routes, queries, tasks, what is used, live on a terminal.",
                 "brio top");
    add_options(app, typed);
    try {
        std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
        app.parse(reversed);
        return carry_out(typed);
    } catch (const CLI::ParseError& error) {
        std::ostringstream out;
        if (app.exit(error, out, out) == 0) {
            std::fputs(out.str().c_str(), stdout);
            return 0;
        }
        return refuse(concat({error.what(), "; `brio top --help` shows what there is"}), 2);
    } catch (const std::invalid_argument& error) {
        return refuse(error.what(), 2);
    } catch (const std::exception& error) {
        return refuse(error.what(), 1);
    }
}

}  // namespace brio::tool
