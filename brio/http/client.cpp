#include <brio/http/client.hpp>

#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>

#include <brio/base/text.hpp>
#include <brio/http/client_exchange.hpp>
#include <brio/http/client_pool.hpp>
#include <brio/http/client_request.hpp>
#include <brio/http/client_tls.hpp>
#include <brio/http/gunzip.hpp>
#include <brio/ledger/ledger.hpp>
#include <brio/runtime/within.hpp>

namespace brio::http {
namespace {

using Cause = OutboundFailed::Cause;

[[noreturn]] void fail(Cause cause, const ClientCall& call, std::string_view what) {
    throw OutboundFailed(cause,
                         concat({call.request.method, " ", call.url.without_query(), " failed: ", what}));
}

ClientUrl require_url(std::expected<ClientUrl, std::string> url) {
    if (!url) {
        throw std::invalid_argument("an outbound request cannot be made: " + url.error());
    }
    return std::move(*url);
}

// Makes `call` the request that the answer redirects to (RFC 9110 §15.4); false when it does not.
bool follow(ClientCall& call, const OutboundAnswer& answer) {
    auto const status = answer.status;
    auto const location = answer.header("location");
    auto const redirects = status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    if (!redirects || !location) {
        return false;
    }
    auto next = resolve_client_url(call.url, *location);
    if (!next) {
        fail(Cause::protocol, call, "redirected to what is no URL: " + next.error());
    }
    if (call.url.is_secure && !next->is_secure) {
        fail(Cause::protocol, call, "redirected from https to http, which is not followed");
    }
    auto& request = call.request;
    auto const becomes_get =
        (status == 303 && request.method != "HEAD") || (status <= 302 && request.method == "POST");
    if (becomes_get) {
        request.method = "GET";
        request.body.clear();
        std::erase_if(request.options.headers,
                      [](auto const& field) { return equal_ignoring_case(field.first, "content-type"); });
    }
    call.same_origin = call.same_origin && next->origin() == call.url.origin();
    call.url = std::move(*next);
    return true;
}

constexpr std::size_t most_on_loop = 64 * 1024;  // bytes in gzip; more are decoded on the offload threads

// Undoes the coding that the client has asked for; otherwise says why that cannot be.
Async<std::string> decode(OutboundAnswer& answer, const ClientCall& call, const ResponseLimits& limits,
                          runtime::OffloadPool& offload) {
    auto const coding = answer.header("Content-Encoding");
    if (answer.content.empty() || !coding || !asks_for_codings(call.request) ||
        !equal_ignoring_case(*coding, "gzip")) {
        co_return "";
    }
    Buffer plain;
    auto const run = [&] {
        return gunzip(plain, answer.content.view(), {.size = limits.body, .ratio = limits.ratio});
    };
    auto const result =
        answer.content.size() <= most_on_loop ? run() : co_await runtime::offload(offload, run);
    answer.content = std::move(plain);
    switch (result) {
        case Gunzipped::whole: break;
        case Gunzipped::corrupt: co_return "its body is not the gzip that Content-Encoding says";
        case Gunzipped::too_large: co_return "its body is larger than the limit once decoded";
    }
    co_return "";
}

Async<OutboundAnswer> perform(Client& client, runtime::OffloadPool& offload, OutboundContext context,
                              OutboundRequest request) {
    auto& work = co_await runtime::current_work;
    work.check();
    ledger::PhaseScope const phase(work.ledger, ledger::Phase::outbound);
    check_request(request);
    auto url = require_url(parse_client_url(request.url));
    ClientCall call{.request = std::move(request), .context = std::move(context), .url = std::move(url)};
    auto& pool = client.pool_of(*work.loop, offload);
    auto const timeout = call.request.options.timeout.value_or(client.options().timeout);
    auto const until = work.loop->now() + timeout;
    for (std::uint32_t redirects = 0;; ++redirects) {
        auto result = co_await runtime::within(until - work.loop->now(), exchange(client, pool, call));
        if (!result) {
            fail(Cause::timeout, call,
                 concat({"no answer within ", duration_text(timeout), ", ended while ", call.doing}));
        }
        if (!*result) {
            fail(result->error().cause, call, result->error().what);
        }
        if (auto const why = co_await decode(**result, call, client.options().limits, offload);
            !why.empty()) {
            fail(Cause::content, call, why);
        }
        if (redirects == call.request.options.redirects || !follow(call, **result)) {
            co_return std::move(**result);
        }
    }
}

}  // namespace

struct Client::Shared {
    std::mutex mutex;
    std::map<runtime::Loop*, std::unique_ptr<ClientPool>> pools;  // guarded by mutex
    std::optional<ClientTls> tls;                                 // guarded by mutex until it is made
};

Client::Client(ClientOptions options)
    : options_(std::move(options)),
      connections_("outbound_connections", options_.connections),
      waiting_("outbound_waiting", options_.waiting),
      shared_(std::make_unique<Shared>()) {}

Client::~Client() = default;

void Client::each_limit(const std::function<void(runtime::Limit&)>& visit) {
    visit(connections_);
    visit(waiting_);
}

ClientPool& Client::pool_of(runtime::Loop& loop, runtime::OffloadPool& offload) {
    std::scoped_lock const lock(shared_->mutex);
    auto& pool = shared_->pools[&loop];
    if (!pool) {
        pool = std::make_unique<ClientPool>(*this, loop, offload);
    }
    return *pool;
}

const ClientTls& Client::tls() {
    std::scoped_lock const lock(shared_->mutex);
    if (!shared_->tls) {
        shared_->tls.emplace(options_.certificates);
    }
    return *shared_->tls;
}

void OutboundAnswer::require_success() const {
    if (!is_success()) {
        fail_content(concat({"the answer's status is ", integer_text(status)}));
    }
}

void OutboundAnswer::fail_content(std::string_view why) const {
    auto const shown = parse_client_url(url);
    throw OutboundFailed(Cause::content, concat({"the answer of ", shown ? shown->without_query() : "?",
                                                 " is not usable: ", why}));
}

Async<OutboundAnswer> Outbound::send(OutboundRequest request) const {
    return perform(*client_, *offload_, context_, std::move(request));
}

std::optional<Outbound> Provide<Outbound>::from(Exchange& exchange) {
    return Outbound(exchange.services->get<Client>(), exchange.services->get<runtime::OffloadPool>(),
                    {.request_id = std::string(exchange.request_id()),
                     .trace = exchange.trace(),
                     .trace_state = std::string(exchange.trace_state())});
}

}  // namespace brio::http
