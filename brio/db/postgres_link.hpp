// A connection for one thread that waits for notifications, with a limit on every answer. Internal.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <brio/db/postgres_connector.hpp>

namespace brio::db::postgres {

class Link {
public:
    struct Notification {
        std::string channel;
        std::string payload;
    };

    /// Throws Unavailable or StatementError.
    explicit Link(const ConnectOptions& options);
    ~Link();
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    /// The first row in text form, empty without one. Throws Unavailable when there is no answer within 2 s.
    std::vector<std::string> query(const std::string& text, const std::vector<std::string>& parameters = {});
    /// Until the server has sent something, `other` can be read, or the time is over. Throws Unavailable when
    /// the connection is lost.
    void wait(int other, std::chrono::milliseconds most);
    std::optional<Notification> next_notification();

private:
    void receive();
    pg_conn* connection_;
};

}  // namespace brio::db::postgres
