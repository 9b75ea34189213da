// Requests to other services: HTTP/1.1 over TCP or TLS on the loop, over connections that are kept.
//
//     Async<Rate> show_rate(Path<"currency", Text<3, 3>> currency, Outbound outbound) {
//         auto const answer = co_await outbound.get("https://rates.example/latest/" +
//         std::string(currency->view())); co_return answer.as<Rate>();
//     }
//
// The time is charged to the ledger's phase `outbound`. A request lasts at most its timeout and at most as
// long as the unit of work that makes it may; the other side is told what is left (X-Request-Timeout-Ms), the
// trace (traceparent, its span) and the request's id (X-Request-ID). A stop of the work closes the
// connection under way and throws Cancelled. An answer of any status is an answer. What comes is bounded and
// read strictly (response_parser.hpp). An answer may come in gzip; its body is decoded, within the limits,
// its head stays as it came. Who sends an Accept-Encoding of their own gets what came. Redirects are followed
// only when asked for.
//
// A kept connection that the other side closed in the meantime is replaced once, for methods that may be
// repeated (RFC 9110 §9.2.2), when no byte of an answer has come. No other retries, unless
// ClientOptions::retry_budget allows.
//
// Throws OutboundFailed when there is no whole answer, Cancelled when the work was stopped,
// std::invalid_argument when the URL or a field is not valid, std::runtime_error when https has no
// certificates to judge by.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <brio/base/buffer.hpp>
#include <brio/http/provide.hpp>
#include <brio/http/response_parser.hpp>
#include <brio/http/traceparent.hpp>
#include <brio/json/read.hpp>
#include <brio/json/write.hpp>
#include <brio/runtime/errors.hpp>
#include <brio/runtime/limit.hpp>
#include <brio/runtime/offload.hpp>

namespace brio::http {

class ClientPool;
class ClientTls;

/// No whole answer: what was asked for, what was tried and where it ended. The URL's query is left out.
class OutboundFailed : public runtime::Unavailable {
public:
    enum class Cause : std::uint8_t {
        resolve,   // the name has no address
        connect,   // nobody accepts connections there
        tls,       // no secure connection: a certificate that does not hold, an old protocol
        broken,    // the connection ended before the answer did
        protocol,  // the answer is no HTTP/1.1, or larger than its limit
        timeout,   // the request's own timeout passed
        overload,  // this program has too many connections or requests of its own
        content,   // the answer's body is not what it was read as
    };
    OutboundFailed(Cause failed, const std::string& what) : Unavailable(what), cause(failed) {}
    Cause cause;
};

struct ClientOptions {
    std::size_t connections = 1024;         // of all loops; limit outbound_connections
    std::size_t connections_per_host = 64;  // of one loop to one scheme, host and port
    std::size_t waiting = 4096;  // requests that wait for one, of all loops; limit outbound_waiting
    std::chrono::milliseconds idle{30'000};            // a connection that is not used so long is closed
    std::chrono::milliseconds connect_timeout{3'000};  // for each address, and for the TLS handshake
    std::chrono::milliseconds timeout{10'000};         // of a request that sets none
    double retry_budget = 0;  // further attempts for each request, on average; none by default
    std::chrono::milliseconds retry_delay{50};     // before a further attempt, doubled each time, with jitter
    std::chrono::milliseconds names_kept{30'000};  // addresses of a name
    ResponseLimits limits;
    std::string user_agent = "brio";
    std::string certificates;  // a PEM file of authorities; empty: the system's
};

struct OutboundOptions {
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::optional<std::chrono::milliseconds> timeout = {};
    std::uint32_t redirects =
        0;  // followed at most; fields named Authorization and Cookie go to the first origin only
};

struct OutboundRequest {
    std::string method = "GET";
    std::string url;
    std::string content_type = {};  // of the body, where there is one
    Buffer body = {};
    OutboundOptions options = {};
};

struct OutboundAnswer {
    int status = 0;
    ResponseHead head;
    Buffer content;
    std::string url;  // that answered: another one after redirects

    bool is_success() const noexcept { return status >= 200 && status < 300; }
    std::string_view body() const noexcept { return content.view(); }
    /// The first field of that name, whatever the case; nothing when there is none.
    std::optional<std::string_view> header(std::string_view name) const noexcept { return head.find(name); }
    /// The body, read from JSON. Throws OutboundFailed (content) when the status is no success or the body is
    /// no T.
    template <class T>
    T as() const {
        require_success();
        auto read = json::read<T>(body(), {.bytes = SIZE_MAX});
        if (!read) {
            fail_content(json::describe(read.error()));
        }
        return std::move(*read);
    }

private:
    void require_success() const;
    [[noreturn]] void fail_content(std::string_view why) const;
};

/// What a request takes along from the unit of work that makes it.
struct OutboundContext {
    std::string request_id;             // empty: none
    std::optional<TraceContext> trace;  // the parent's span
    std::string trace_state = {};       // tracestate as it came; goes on as it is
};

/// What all loops share; each loop has connections of its own. Destroyed after the loops have stopped and the
/// pool has ended.
class Client {
public:
    explicit Client(ClientOptions options = {});
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    ~Client();

    const ClientOptions& options() const noexcept { return options_; }
    /// For runtime::Limits::add.
    void each_limit(const std::function<void(runtime::Limit&)>& visit);

    runtime::Limit& connections() noexcept { return connections_; }
    runtime::Limit& waiting() noexcept { return waiting_; }
    /// Of the loop, made at its first use; for the loop's thread.
    ClientPool& pool_of(runtime::Loop& loop, runtime::OffloadPool& offload);
    /// Made at the first use: whoever speaks no TLS loads no certificates. Throws std::runtime_error when
    /// they cannot be read.
    const ClientTls& tls();

private:
    ClientOptions options_;
    runtime::Limit connections_;
    runtime::Limit waiting_;
    struct Shared;
    std::unique_ptr<Shared> shared_;
};

/// The handler parameter; a value, cheap to copy but for the context.
class Outbound {
public:
    /// Names are looked up on `offload`.
    Outbound(Client& client, runtime::OffloadPool& offload, OutboundContext context = {})
        : client_(&client),
          offload_(&offload),
          context_(std::move(context)) {}

    Async<OutboundAnswer> send(OutboundRequest request) const;

    Async<OutboundAnswer> get(std::string url, OutboundOptions options = {}) const {
        return send({.method = "GET", .url = std::move(url), .options = std::move(options)});
    }
    Async<OutboundAnswer> head(std::string url, OutboundOptions options = {}) const {
        return send({.method = "HEAD", .url = std::move(url), .options = std::move(options)});
    }
    Async<OutboundAnswer> del(std::string url, OutboundOptions options = {}) const {
        return send({.method = "DELETE", .url = std::move(url), .options = std::move(options)});
    }
    /// With `value` as JSON.
    template <class T>
    Async<OutboundAnswer> post(std::string url, const T& value, OutboundOptions options = {}) const {
        return send_json("POST", std::move(url), value, std::move(options));
    }
    template <class T>
    Async<OutboundAnswer> put(std::string url, const T& value, OutboundOptions options = {}) const {
        return send_json("PUT", std::move(url), value, std::move(options));
    }
    template <class T>
    Async<OutboundAnswer> patch(std::string url, const T& value, OutboundOptions options = {}) const {
        return send_json("PATCH", std::move(url), value, std::move(options));
    }

private:
    template <class T>
    Async<OutboundAnswer> send_json(const char* method, std::string url, const T& value,
                                    OutboundOptions options) const {
        OutboundRequest request{.method = method, .url = std::move(url), .content_type = "application/json"};
        json::write(request.body, value);
        request.options = std::move(options);
        return send(std::move(request));
    }

    Client* client_;
    runtime::OffloadPool* offload_;
    OutboundContext context_;
};

template <>
struct Provide<Outbound> {
    using Service = Client;
    static std::optional<Outbound> from(Exchange& exchange);
};

}  // namespace brio::http
