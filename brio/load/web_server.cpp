#include <brio/load/web_server.hpp>

#include <charconv>
#include <thread>

#include <brio/base/text.hpp>
#include <brio/http/other_sites.hpp>
#include <brio/http/parameters.hpp>
#include <brio/http/problem.hpp>
#include <brio/http/server.hpp>
#include <brio/load/report_csv.hpp>
#include <brio/load/report_html.hpp>
#include <brio/load/web_page.hpp>
#include <brio/metrics/registry.hpp>
#include <brio/runtime/socket.hpp>

namespace brio::load {
namespace {

// The script is the page's own; charts have colours in attributes.
constexpr std::string_view policy =
    "default-src 'none'; connect-src 'self'; script-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

http::Response answer(std::string_view content_type, std::string_view body) {
    http::Response response;
    response.content_type = content_type;
    response.body.append(body);
    response.cache_control("no-store");
    return response;
}

struct SendPage {
    const Plan* plan;
    const WebControl* control;
    http::Response operator()() const {
        auto response = answer("text/html; charset=utf-8", web_page(*plan, control->view().order));
        response.header("Content-Security-Policy", policy);
        return response;
    }
};
struct SendScript {
    http::Response operator()() const { return answer("text/javascript; charset=utf-8", web_script()); }
};
struct SendState {
    const WebControl* control;
    http::Response operator()() const { return answer("application/json", web_state(control->view())); }
};
struct SendPart {
    const WebControl* control;
    http::Response operator()() const {
        return answer("text/html; charset=utf-8", web_part(control->view()));
    }
};

struct Start {
    WebControl* control;
    http::Response operator()(http::Body<WebOrder> order) const {
        if (const auto done = control->order(order.value); !done) {
            const auto& why = done.error();
            const auto colon = why.find(": ");  // "level: users are …" is of a field
            if (why.substr(0, colon) == "level" || why.substr(0, colon) == "rise_s" ||
                why.substr(0, colon) == "for_s") {
                throw http::invalid(http::In::body, why.substr(0, colon), why.substr(colon + 2));
            }
            throw http::conflict("load_under_way", why);
        }
        return http::Response(204);
    }
};
struct Stop {
    WebControl* control;
    http::Response operator()() const {
        control->stop();
        return http::Response(204);
    }
};

struct SendFile {
    const WebControl* control;
    std::string_view name;
    std::string_view content_type;
    std::string (*write)(const Report&);
    http::Response operator()() const {
        const auto report = control->view().report;
        if (!report) {
            throw http::Problem(404, "nothing_ran", "nothing has run yet: begin with POST /start");
        }
        auto response = answer(content_type, write(*report));
        response.header("Content-Disposition", concat({"attachment; filename=\"", name, "\""}));
        return response;
    }
};

double seconds_of(const Report& report) {
    return std::chrono::duration<double>(report.outcome.counted).count();
}

constexpr std::string_view csv = "text/csv; charset=utf-8";

void add_routes(http::Router& router, const Plan& plan, WebControl& control) {
    router.get<"/">(SendPage{&plan, &control});
    router.get<"/page.js">(SendScript());
    router.get<"/state">(SendState{&control});
    router.get<"/part">(SendPart{&control});
    router.post<"/start">(Start{&control});
    router.post<"/stop">(Stop{&control});
    router.get<"/report.html">(SendFile{&control, "report.html", "text/html; charset=utf-8", write_html});
    router.get<"/report.json">(SendFile{&control, "report.json", "application/json", write_json});
    router.get<"/stats.csv">(SendFile{&control, "stats.csv", csv, [](const Report& report) {
                                          return stats_csv(report.outcome.record, seconds_of(report));
                                      }});
    router.get<"/failures.csv">(SendFile{&control, "failures.csv", csv, [](const Report& report) {
                                             return failures_csv(report.outcome.record);
                                         }});
}

std::vector<http::Middleware> guards(const WebAddress& address) {
    const bool is_local = address.host == "::1" || address.host.starts_with("127.");
    return {http::refuse_other_sites(
        is_local ? "this page is for localhost and addresses, not for other names of this machine" : "")};
}

}  // namespace

std::expected<WebAddress, std::string> parse_web_address(std::string_view text) {
    WebAddress address;
    if (const auto colon = text.rfind(':'); colon != std::string_view::npos) {
        address.host = text.substr(0, colon);
        if (address.host.starts_with('[') && address.host.ends_with(']')) {
            address.host = address.host.substr(1, address.host.size() - 2);
        }
        text.remove_prefix(colon + 1);
    }
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), address.port);
    if (error != std::errc() || end != text.data() + text.size() || address.host.empty()) {
        return std::unexpected("is a port, or an address and a port: 8089, 0.0.0.0:8089, [::1]:8089");
    }
    return address;
}

struct WebServer::Parts {
    Parts(const WebAddress& address, const Plan& its_plan, WebControl& control)
        : plan(its_plan),
          listener(runtime::listen_alone({address.host, address.port})) {
        add_routes(router, plan, control);
        const bool is_v6 = address.host.contains(':');
        url = concat({"http://", is_v6 ? "[" : "", address.host, is_v6 ? "]" : "", ":",
                      integer_text(runtime::port_of(listener)), "/"});
        server.emplace(options(), http::Server::Parts{.router = router,
                                                      .services = services,
                                                      .registry = registry,
                                                      .middlewares = guards(address)});
        thread = std::thread([this] { serve(); });
    }
    ~Parts() {
        loop.stop();
        thread.join();
    }
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;

    static http::ServerOptions options() {
        http::ServerOptions options;
        options.limits.connections = 64;
        options.limits.body = 4096;
        options.in_flight = 64;
        options.name = "web";
        return options;
    }
    void serve() {
        const metrics::Seat seat(registry);
        loop.refresh_now();
        const http::ServerLoop part(*server, loop, seat.shard(), listener.fd());
        loop.run();
    }

    const Plan plan;
    metrics::Registry registry;
    http::Router router;
    http::Services services;
    runtime::File listener;
    std::string url;
    std::optional<http::Server> server;
    runtime::Loop loop;
    std::thread thread;
};

WebServer::WebServer(const WebAddress& address, const Plan& plan, WebControl& control)
    : parts_(std::make_unique<Parts>(address, plan, control)) {}
WebServer::~WebServer() = default;

const std::string& WebServer::url() const noexcept { return parts_->url; }

}  // namespace brio::load
