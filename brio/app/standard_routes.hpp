// The routes that every API has unless the program gives its own: /healthz, /readyz, /openapi.json, /docs, /.
#pragma once
#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <brio/app/kept_answer.hpp>
#include <brio/app/openapi.hpp>
#include <brio/http/router.hpp>
#include <brio/runtime/async.hpp>

namespace brio::app {

/// Why this process should not be sent requests, in one word and a sentence; nothing when it should.
struct NotReady {
    std::string code;
    std::string detail;
};

/// The service that /readyz asks. Any thread.
class Readiness {
public:
    using Check = std::function<Async<std::optional<NotReady>>()>;

    /// `check` is asked when the process is not draining; none: always ready.
    explicit Readiness(Check check = {}) : check_(std::move(check)) {}
    void set_draining() noexcept { draining_.store(true, std::memory_order_relaxed); }
    Async<std::optional<NotReady>> ask() const;

private:
    std::atomic<bool> draining_{false};
    Check check_;
};

/// What the routes' answers are made of. Outlives the router's use.
class StandardRoutes {
public:
    StandardRoutes(http::Router& router, OpenApiInfo info);
    StandardRoutes(const StandardRoutes&) = delete;
    StandardRoutes& operator=(const StandardRoutes&) = delete;

    /// After the program's own routes. /readyz needs the service Readiness. The OpenAPI document is written
    /// when it is first asked for.
    void add();
    const KeptAnswer& document() const noexcept { return document_; }

private:
    void add_docs();

    http::Router& router_;
    OpenApiInfo info_;
    KeptAnswer document_;
    KeptAnswer index_;
    KeptAnswer no_docs_;
};

/// Whether the router has a GET of that pattern.
bool has_route(const http::Router& router, std::string_view pattern);

/// GET of a kept answer, 304 where the client has it.
http::Route& add_kept(http::Router& router, std::string_view pattern, const KeptAnswer& answer);

}  // namespace brio::app
