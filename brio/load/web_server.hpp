// The HTTP side of a load test that is led from a page, on a thread of its own:
//
//     GET  /             the page (web_page.hpp), /page.js
//     GET  /state, /part what it asks for each second
//     POST /start        {"level":50,"rise_s":10,"for_s":60}: begins, or changes the users of a run; 409, 422
//     POST /stop         204
//     GET  /report.html, /report.json, /stats.csv, /failures.csv   of the run that is under way or was the
//     last;
//                        404 before the first
//
// Nobody is asked who he is: whoever reaches the port can make load. So it listens on loopback unless told
// otherwise, and refuses what pages of other sites send.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include <brio/load/plan.hpp>
#include <brio/load/web_control.hpp>

namespace brio::load {

struct WebAddress {
    std::string host = "127.0.0.1";  // numeric
    std::uint16_t port = 8089;       // as Locust's page; 0: a free one

    bool operator==(const WebAddress&) const = default;
};
/// "8089", "0.0.0.0:8089", "[::1]:8089". Else what is wrong.
std::expected<WebAddress, std::string> parse_web_address(std::string_view text);

class WebServer {
public:
    /// Serves from now on. `control` outlives it. Throws std::system_error with address and reason when
    /// nobody can listen there.
    WebServer(const WebAddress& address, const Plan& plan, WebControl& control);
    WebServer(const WebServer&) = delete;
    WebServer& operator=(const WebServer&) = delete;
    /// Breaks off what is under way.
    ~WebServer();

    /// "http://127.0.0.1:8089/".
    const std::string& url() const noexcept;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace brio::load
