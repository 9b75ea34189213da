#include "admin.hpp"

#include <algorithm>
#include <cstdlib>

#include <brio/base/terminal_text.hpp>
#include <brio/base/text.hpp>
#include <brio/http/client_url.hpp>
#include <brio/http/percent.hpp>

namespace brio::tool {

namespace {

struct FieldProblem {
    static constexpr bool open_object = true;
    std::string name;
    std::string message;
};
struct ProblemAnswer {
    static constexpr bool open_object = true;
    std::string detail;
    std::vector<FieldProblem> errors;
};

http::ClientOptions client_options(std::chrono::milliseconds timeout) {
    http::ClientOptions options{.timeout = timeout};
    options.limits.body = 64 << 20;
    return options;
}

// What an answer that does not say well says.
std::string detail_of(const http::OutboundAnswer& answer) {
    const auto problem = json::read<ProblemAnswer>(answer.body());
    if (!problem) {
        return concat({"status ", integer_text(answer.status)});
    }
    auto text = problem->detail;
    for (const auto& each : problem->errors) {
        text += concat({"; ", each.name, " ", each.message});
    }
    return printable(text);
}

}  // namespace

std::string admin_url_of(std::string_view typed) {
    std::string url(typed);
    if (!url.empty() && std::ranges::all_of(url, [](char c) { return c >= '0' && c <= '9'; })) {
        url.insert(0, ":");
    }
    if (url.starts_with(':')) {
        url.insert(0, "127.0.0.1");
    }
    if (!url.contains("://")) {
        url.insert(0, "http://");
    }
    const auto parsed = http::parse_client_url(url);
    if (!parsed) {
        throw std::invalid_argument(concat({"\"", printable(typed), "\" is no address of an admin port: ",
                                            parsed.error(), "; write http://HOST:PORT, HOST:PORT or PORT"}));
    }
    return parsed->origin();
}

AdminClient::AdminClient(std::chrono::milliseconds timeout) : client(client_options(timeout)) {}

Admin::Admin(AdminClient& client, std::string url, std::string_view token)
    : client_(&client),
      url_(std::move(url)) {
    if (!token.empty()) {
        options_.headers.emplace_back("Authorization", concat({"Bearer ", token}));
    }
}

Async<std::string> Admin::ask(std::string method, std::string target, std::string body) const {
    using Cause = AdminFailed::Cause;
    http::OutboundRequest request{
        .method = std::move(method), .url = concat({url_, target}), .options = options_};
    if (!body.empty()) {
        request.content_type = "application/json";
        request.body.append(body);
    }
    http::OutboundAnswer answer;
    try {
        answer = co_await http::Outbound(client_->client, client_->offload).send(std::move(request));
    } catch (const http::OutboundFailed& failed) {
        throw AdminFailed(
            Cause::nobody,
            concat({"nobody answers at ", url_, " (", failed.what(),
                    "): does the service run, and is that its admin port? Give the URL of it"}));
    }
    if (answer.status == 401) {
        throw AdminFailed(Cause::token, concat({url_, options_.headers.empty()
                                                          ? " asks for a token: set BRIO_ADMIN_TOKEN"
                                                          : " takes another token than BRIO_ADMIN_TOKEN"}));
    }
    if (answer.status == 404) {
        throw AdminFailed(Cause::absent, detail_of(answer));
    }
    if (!answer.is_success()) {
        throw AdminFailed(Cause::refused, concat({url_, " says: ", detail_of(answer)}));
    }
    co_return std::string(answer.body());
}

void Admin::fail_to_read(std::string_view target, std::string_view why) const {
    throw AdminFailed(AdminFailed::Cause::unreadable,
                      concat({"GET ", url_, target, " gives something else than is known here: ", why,
                              "; is it a service of another version?"}));
}

std::string admin_token() {
    const char* token = std::getenv("BRIO_ADMIN_TOKEN");
    return token == nullptr ? std::string() : std::string(token);
}

std::string escaped(std::string_view text) {
    Buffer encoded;
    http::percent_encode(text, encoded);
    return std::string(encoded.view());
}

}  // namespace brio::tool
