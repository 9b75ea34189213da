// Where a RabbitMQ is: `amqp://[user[:password]@]host[:port][/vhost]`, as Celery writes it. Users, passwords
// and virtual hosts are percent-encoded; without a vhost, or with an empty one, it is "/".
#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace brio::tasks {

struct AmqpAddress {
    std::string host;  // a name or a numeric address without brackets
    std::uint16_t port = 5672;
    std::string user = "guest";
    std::string password = "guest";
    std::string vhost = "/";

    /// For people, without the password: "127.0.0.1:5672", "mq:5672/shop".
    std::string text() const;
};

/// Whether the URL says that it is one of these, well written or not.
bool is_amqp(std::string_view url) noexcept;
/// The address, or what is wrong and which URLs there are.
std::expected<AmqpAddress, std::string> parse_amqp_url(std::string_view url);

}  // namespace brio::tasks
