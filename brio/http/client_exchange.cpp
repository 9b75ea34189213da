#include <brio/http/client_exchange.hpp>

#include <sys/epoll.h>

#include <brio/base/random.hpp>
#include <brio/base/text.hpp>
#include <brio/http/client_request.hpp>
#include <brio/runtime/connect.hpp>

namespace brio::http {
namespace {

using Cause = OutboundFailed::Cause;
using Came = ClientConnection::Came;
using Sent = ClientConnection::Sent;

constexpr int most_attempts = 3;

ClientFailure failure_of(const ClientCall& call, const ResponseParser& parser,
                         const ClientConnection& connection, bool ended) {
    auto const why = parser.state() == ResponseParser::State::error ? parser.error()
                                                                    : std::string_view(connection.error());
    return {.cause = ended ? Cause::broken : Cause::protocol,
            .what = concat({call.doing, ": ", why}),
            .unanswered = ended && !parser.has_begun()};
}

// The deadline of the work that this runs under is the call's.
std::chrono::milliseconds time_left(const runtime::Work& work) {
    return std::chrono::floor<std::chrono::milliseconds>(work.deadline - work.loop->now());
}

// Sends and receives at once: an answer may come, and the rest of the request be unwanted, before all of it
// is sent.
Async<ClientResult> converse(ClientCall& call, const ResponseLimits& limits, ClientPool::Lease& lease) {
    auto& connection = *lease;
    ResponseParser parser(limits, call.request.method == "HEAD");
    Buffer in;
    auto sent = Sent::blocked;
    auto came = Came::more;
    call.doing = concat({"sending the request to ", call.url.authority});
    while (parser.state() == ResponseParser::State::more && came == Came::more) {
        if (sent == Sent::blocked) {
            sent = connection.send();
            if (sent == Sent::all) {
                call.doing = concat({"waiting for the answer of ", call.url.authority});
            }
        }
        auto const wanted = static_cast<std::uint32_t>(sent == Sent::blocked ? EPOLLIN | EPOLLOUT : EPOLLIN);
        auto const events = co_await runtime::ready(connection.fd(), wanted);
        if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) == 0) {
            continue;
        }
        in.clear();
        came = connection.receive(in);
        parser.feed(in.view());
        if (parser.has_begun()) {
            call.doing = concat({"reading the answer of ", call.url.authority});
        }
        if (came == Came::end) {
            parser.end();
        }
    }
    if (parser.state() != ResponseParser::State::complete) {
        co_return std::unexpected(failure_of(call, parser, connection, came != Came::more));
    }
    if (parser.may_reuse() && sent == Sent::all && came == Came::more) {
        lease.keep();
    }
    auto head = parser.take_head();
    auto const status = head.status();
    co_return OutboundAnswer{
        .status = status, .head = std::move(head), .content = parser.take_body(), .url = call.url.text()};
}

struct Attempted {
    ClientResult result;
    bool on_kept = false;  // the connection had been used before
};

Async<Attempted> attempt(Client& client, ClientPool& pool, ClientCall& call, bool fresh) {
    auto taken = co_await pool.take({.url = call.url, .fresh = fresh, .doing = &call.doing});
    if (!taken) {
        co_return Attempted{std::unexpected(std::move(taken.error()))};
    }
    auto& lease = *taken;
    Buffer bytes;
    write_request(bytes, {.request = call.request,
                          .url = call.url,
                          .context = call.context,
                          .user_agent = client.options().user_agent,
                          .left = time_left(co_await runtime::current_work),
                          .same_origin = call.same_origin});
    if (!lease->queue(bytes.view())) {
        co_return Attempted{std::unexpected(
            ClientFailure{.cause = Cause::broken, .what = lease->error(), .nothing_sent = true})};
    }
    bytes.reset();
    auto const was_kept = lease.was_kept();
    co_return Attempted{co_await converse(call, client.options().limits, lease), was_kept};
}

}  // namespace

Async<ClientResult> exchange(Client& client, ClientPool& pool, ClientCall& call) {
    pool.count_request();
    auto const may_repeat = is_idempotent(call.request.method);
    auto delay = std::chrono::duration_cast<runtime::Nanoseconds>(client.options().retry_delay);
    bool fresh = false;
    for (int attempts = 1;; ++attempts) {
        auto attempted = co_await attempt(client, pool, call, fresh);
        if (attempted.result) {
            co_return std::move(attempted.result);
        }
        auto const& failure = attempted.result.error();
        if (failure.unanswered && may_repeat && attempted.on_kept && !fresh) {
            fresh = true;
            --attempts;
            continue;
        }
        auto const is_safe = failure.nothing_sent || (failure.unanswered && may_repeat);
        if (!is_safe || failure.cause == Cause::overload || attempts == most_attempts || !pool.may_retry()) {
            co_return std::move(attempted.result);
        }
        co_await runtime::sleep_for(delay / 2 + runtime::Nanoseconds(thread_random().below(
                                                    static_cast<std::uint64_t>(delay.count() / 2 + 1))));
        delay *= 2;
    }
}

}  // namespace brio::http
