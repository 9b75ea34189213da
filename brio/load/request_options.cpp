#include <algorithm>

#include <brio/base/text.hpp>
#include <brio/load/detail/command_options.hpp>
#include <brio/load/output_file.hpp>
#include <brio/load/typed_wait.hpp>

#include <CLI/CLI.hpp>

namespace brio::load::detail {
namespace {

// "/a" of "http://host/a?b=c".
std::string path_of(std::string_view url) {
    auto const host = url.find("://") + 3;
    auto const from = std::min(url.find('/', host), url.size());
    auto const path = url.substr(from, url.find_first_of("?#", from) - from);
    return path.empty() ? "/" : std::string(path);
}

}  // namespace

void add_request(CLI::App& app, CommandWords& words, Typed& typed) {
    auto& request = words.request;
    app.add_option("--method", request.method, "of the request (GET, with a body POST)")->type_name("METHOD");
    app.add_option("--header", typed.headers, "\"Name: value\", repeatable")->type_name("FIELD");
    auto* body = app.add_option_function<std::string>(
        "--body", [&request](const std::string& text) { request.body.append(text); }, "of the request");
    body->type_name("TEXT");
    app.add_option("--body-file", typed.body_file, "the same from a file")
        ->type_name("FILE")
        ->check(CLI::ExistingFile)
        ->excludes(body);
    app.add_option("--expect", request.options.expect,
                   "statuses that are right, with commas between (all below 400)")
        ->type_name("STATUS")
        ->delimiter(',')
        ->check(CLI::Range(100, 599));
    app.add_option_function<std::string>(
           "--wait",
           [&words](const std::string& text) {
               auto const wait = parse_wait(text);
               if (!wait) {
                   throw CLI::ValidationError("--wait", wait.error());
               }
               words.wait = *wait;
           },
           "of a user between two requests, as 1s..3s (none)")
        ->type_name("TIME");
}

void take_request(CommandWords& words, const Typed& typed, bool has_method) {
    auto& request = words.request;
    if (!typed.body_file.empty()) {
        try {
            request.body.append(read_file(typed.body_file));
        } catch (const std::runtime_error& error) {
            throw CLI::ValidationError("--body-file", error.what());
        }
    }
    if (!has_method && !request.body.empty()) {
        request.method = "POST";
    }
    words.plan.scenario = concat({request.method, " ", path_of(words.plan.target)});
    auto const begins_json = request.body.view().starts_with('{') || request.body.view().starts_with('[');
    request.content_type = begins_json ? "application/json" : "application/octet-stream";
    for (auto const& field : typed.headers) {
        auto const colon = field.find(':');
        if (colon == std::string::npos) {
            throw CLI::ValidationError("--header", "\"" + field + "\" is no field: write \"Name: value\"");
        }
        request.options.headers.emplace_back(std::string(trim(field.substr(0, colon))),
                                             std::string(trim(field.substr(colon + 1))));
    }
}

}  // namespace brio::load::detail
