#include <brio/tasks/amqp_url.hpp>

#include <charconv>
#include <optional>

#include <brio/base/text.hpp>
#include <brio/http/percent.hpp>

namespace brio::tasks {
namespace {

constexpr std::string_view scheme = "amqp://";
constexpr std::string_view schemes[] = {scheme, "amqps://", "pyamqp://"};
constexpr std::size_t longest = 255;  // of AMQP's short texts

std::unexpected<std::string> wrong(std::string_view what) {
    return std::unexpected(concat({what, "; write amqp://[user[:password]@]host[:port][/vhost]"}));
}

std::optional<std::string> decoded(std::string_view text) {
    Buffer scratch;
    const auto plain = http::percent_decode(text, http::Plus::literal, scratch);
    return plain ? std::optional<std::string>(*plain) : std::nullopt;
}

std::optional<std::uint16_t> port_of(std::string_view text) {
    std::uint16_t port = 0;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, port);
    return read.ec == std::errc() && read.ptr == end && port != 0 ? std::optional(port) : std::nullopt;
}

}  // namespace

std::string AmqpAddress::text() const {
    const bool is_v6 = host.contains(':');
    return concat({is_v6 ? "[" : "", host, is_v6 ? "]:" : ":", integer_text(port), vhost == "/" ? "" : "/",
                   vhost == "/" ? std::string_view() : std::string_view(vhost)});
}

bool is_amqp(std::string_view url) noexcept {
    for (const std::string_view each : schemes) {
        if (url.starts_with(each)) {
            return true;
        }
    }
    return false;
}

std::expected<AmqpAddress, std::string> parse_amqp_url(std::string_view url) {
    if (url.starts_with("amqps://")) {
        return wrong(
            "RabbitMQ over TLS (amqps://) is not supported: put a TLS proxy such as stunnel beside the "
            "program");
    }
    const auto colon_slashes = url.find("://");
    if (!is_amqp(url)) {
        return wrong("it is no URL of RabbitMQ");
    }
    std::string_view rest = url.substr(colon_slashes + 3);
    AmqpAddress address;
    const auto slash = rest.find('/');
    std::string_view place = rest.substr(0, slash);
    if (slash != std::string_view::npos && slash + 1 < rest.size()) {
        const std::string_view written = rest.substr(slash + 1);
        const auto vhost = decoded(written);
        // A single '/' is how Celery's users write the default one: amqp://host//
        if (!vhost || (written != "/" && written.find_first_of("/?#") != std::string_view::npos)) {
            return wrong("in its vhost '/', '?', '#' and '%' are written as %2F, %3F, %23 and %25");
        }
        address.vhost = *vhost;
    }
    if (const auto at = place.rfind('@'); at != std::string_view::npos) {
        const std::string_view credentials = place.substr(0, at);
        place.remove_prefix(at + 1);
        const auto colon = credentials.find(':');
        const auto user = decoded(credentials.substr(0, colon));
        const auto password = decoded(colon == std::string_view::npos ? "" : credentials.substr(colon + 1));
        if (!user || !password) {
            return wrong("its user or password has a '%' without two hexadecimal digits");
        }
        address.user = *user;
        address.password = *password;
    }
    std::string_view port;
    if (place.starts_with('[')) {
        const auto close = place.find(']');
        if (close == std::string_view::npos || (close + 1 < place.size() && place[close + 1] != ':')) {
            return wrong("an IPv6 address stands in brackets, as in amqp://[::1]:5672");
        }
        address.host = place.substr(1, close - 1);
        port = place.substr(std::min(close + 2, place.size()));
    } else {
        address.host = place.substr(0, place.find(':'));
        port = place.contains(':') ? place.substr(place.find(':') + 1) : std::string_view();
    }
    if (address.host.empty()) {
        return wrong("it has no host");
    }
    if (!port.empty()) {
        const auto number = port_of(port);
        if (!number) {
            return wrong(concat({"its port '", port, "' is not one of 1 to 65535"}));
        }
        address.port = *number;
    }
    if (address.vhost.size() > longest || address.user.size() > longest) {
        return wrong("its user or vhost is longer than 255 bytes");
    }
    return address;
}

}  // namespace brio::tasks
