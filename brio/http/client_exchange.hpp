// One request of the client and its answer, without redirects: which connection, how often, when it has
// failed.
#pragma once
#include <expected>
#include <string>

#include <brio/http/client.hpp>
#include <brio/http/client_pool.hpp>
#include <brio/http/client_url.hpp>

namespace brio::http {

/// What the coroutines of one request share. Lives in the outermost one.
struct ClientCall {
    OutboundRequest request;
    OutboundContext context;
    ClientUrl url;
    bool same_origin = true;
    std::string doing;  // what is waited for, in words
};
using ClientResult = std::expected<OutboundAnswer, ClientFailure>;

/// Replaces a kept connection that turns out to be dead, and tries again within the retry budget. Has no end
/// of its own: see within(). `pool` and `call` live until the result. Throws Cancelled only.
Async<ClientResult> exchange(Client& client, ClientPool& pool, ClientCall& call);

}  // namespace brio::http
