// The answers of one route in the cache: what cached() does but for the types of its handler.
//
// A request is looked up by its parameters (key.hpp). Found and good: its answer is given before any
// coroutine starts. Else one request of this process makes it (flight.hpp) and the others wait. What was made
// is kept when it may be (answer_item.hpp) and nothing that it was made from has moved meanwhile.
#pragma once
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <brio/cache/answer_item.hpp>
#include <brio/cache/caches.hpp>
#include <brio/cache/lifetime.hpp>
#include <brio/http/exchange.hpp>
#include <brio/http/route.hpp>
#include <brio/runtime/async.hpp>

namespace brio::cache {

/// What may differ from route to route.
struct CachedOptions {
    /// For that long after its time an answer is given as it is, while it is made anew in the background.
    std::chrono::nanoseconds stale_while_revalidate{0};
    /// For that long it is given when making it anew fails (what the environment does, not a 4xx).
    std::chrono::nanoseconds stale_if_error{0};
    /// Stale answers also after a write, within stale_while_revalidate: a writer may miss what it wrote.
    bool stale_after_writes = false;
    /// How long a 404 or 410 is kept; never longer than other answers; 0: not at all.
    std::chrono::nanoseconds negative = std::chrono::seconds(30);
    double jitter = 0.1;                            // of the time, both ways
    std::vector<std::string> tags = {};             // what clears them together
    std::vector<std::string> vary_by_headers = {};  // fields that the answer depends on, besides parameters
    std::uint64_t largest = 1u << 20;               // bytes; a larger body is not kept
    std::string cache_control = {};  // for the client; empty: the handler's, else "private, no-cache"
};

class RouteCache {
public:
    using Shared = std::shared_ptr<const AnswerItem>;
    using Time = std::chrono::nanoseconds;
    struct Settings {
        Time ttl;
        bool by_cookie_and_authorization;  // of a handler that takes the whole Request
    };

    /// `options` outlive it.
    RouteCache(Caches& caches, const http::Route& route, Settings settings, const CachedOptions& options);

    Caches& caches() const noexcept { return caches_; }
    const Subject& subject() const noexcept { return subject_; }
    /// "GET /api/resources", no other route's: it begins the keys and is the label of the items.
    const std::string& name() const noexcept { return name_; }
    const CachedOptions& options() const noexcept { return options_; }
    /// No other route of the process has it.
    std::uint64_t number() const noexcept { return number_; }

    /// The part of the key that the route and header fields make. The parameters follow.
    void begin_key(KeyWriter& key, const http::Exchange& exchange) const;
    /// Nothing is kept, or the request asks to see what it wrote itself (own_writes.hpp).
    bool is_bypassed(const http::Exchange& exchange) const noexcept;

    enum class Looked : std::uint8_t {
        given,   // what is kept is the exchange's answer
        absent,  // make it; `fallback` may be given if that fails
        passes,  // make it without waiting for others: their answers are not to be shared
    };
    Looked look(http::Exchange& exchange, const KeyView& key, void (*renew)(http::Exchange&),
                Shared& fallback) const;
    /// Makes the answer by `call`, which leaves it in the exchange, or waits for who makes it already.
    static Async<void> make(const RouteCache& self, http::Exchange& exchange, Key key, Shared fallback,
                            Async<void> call);
    /// The same for nobody but the cache: when another makes it already there is nothing to do.
    static Async<void> renew(const RouteCache& self, http::Exchange& exchange, Key key, Async<void> call);
    /// Makes it for this request alone.
    static Async<void> alone(const RouteCache& self, http::Exchange& exchange, Result counted_as,
                             Async<void> call);

private:
    friend class Fill;
    struct Found {
        Shared item;
        Use use = Use::none;
    };
    Found find(const KeyView& key, Time now) const;
    void give(http::Exchange& exchange, const AnswerItem& item, Result result) const;
    void give_instead(http::Exchange& exchange, const AnswerItem& item, std::string_view error) const;
    void mark(http::Exchange& exchange, Result result) const;
    /// Cache-Control and Vary, for those between the handler and the client.
    void say_who_may_keep(http::Response& response) const;
    static Async<void> make_or_wait(const RouteCache& self, http::Exchange& exchange, Key key,
                                    Async<void> call);
    static Async<void> fill(const RouteCache& self, http::Exchange& exchange, Key key,
                            std::optional<Flights::Lead> lead, std::uint64_t stamp, Async<void> call);

    Caches& caches_;
    const std::uint64_t number_;
    const Settings settings_;
    const CachedOptions& options_;
    const std::string name_;
    Subject& subject_;  // counts; the last of too many is shared
    Lifetime lifetime_;
    Lifetime negative_;
    mutable std::atomic<std::int64_t> warn_at_{0};
};

}  // namespace brio::cache
