#include <brio/app/admin_caller.hpp>

#include <brio/app/listing.hpp>
#include <brio/base/text.hpp>
#include <brio/runtime/awaitables.hpp>
#include <brio/runtime/run.hpp>

namespace brio::app {

namespace {

http::ClientOptions client_options(const AdminCaller::Bounds& bounds) {
    http::ClientOptions options{.timeout = bounds.timeout};
    options.limits.body = bounds.body;
    return options;
}

std::string detail_of(std::string_view problem) {
    constexpr std::string_view key = R"("detail":")";
    const auto from = problem.find(key);
    if (from == problem.npos) {
        return std::string(problem.substr(0, 200));
    }
    const auto rest = problem.substr(from + key.size());
    return std::string(rest.substr(0, rest.find('"')));
}

Async<void> pause(std::chrono::nanoseconds time) { co_await runtime::sleep_for(time); }

}  // namespace

AdminCaller::AdminCaller(const Settings& settings, Bounds bounds)
    : server_(url_of(settings.admin_host, settings.admin_port)),
      client_(client_options(bounds)) {
    if (!settings.admin_token.empty()) {
        options_.headers.emplace_back("Authorization", concat({"Bearer ", settings.admin_token}));
    }
}

http::OutboundAnswer AdminCaller::call(std::string method, std::string_view target) {
    http::OutboundAnswer answer;
    try {
        answer = runtime::run(
            loop_,
            http::Outbound(client_, offload_)
                .send({.method = std::move(method), .url = concat({server_, target}), .options = options_}));
    } catch (const http::OutboundFailed& failed) {
        const auto words = concat({"nobody answers at ", server_, " (", failed.what(),
                                   "): is the program running, with this admin host and port?"});
        if (failed.cause == http::OutboundFailed::Cause::connect) {
            throw NobodyAnswers(words);
        }
        throw std::runtime_error(words);
    }
    if (answer.status == 401) {
        throw std::runtime_error(concat({server_, " asks for a token: set BRIO_ADMIN_TOKEN"}));
    }
    if (!answer.is_success()) {
        throw std::runtime_error(concat({server_, " says: ", detail_of(answer.body())}));
    }
    return answer;
}

void AdminCaller::rest(std::chrono::nanoseconds time) { runtime::run(loop_, pause(time)); }

}  // namespace brio::app
