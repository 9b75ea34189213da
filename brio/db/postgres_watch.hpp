// Watches what a session waits for, from a second session, and says so. Internal.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <brio/db/postgres_session.hpp>

namespace brio::db::postgres {

class Watch {
public:
    /// `watched` is the server process of the session; `say` gets the lines, and may be empty.
    Watch(std::string url, int watched, std::function<void(std::string_view)> say);

    /// Runs it in `session`; after some seconds says how far it is, and whom it waits for.
    void execute(Session& session, const std::string& statement);

    /// Who has the advisory lock `key`: "server process 4711 of brio, idle for 12 s: …".
    std::string holder(const std::string& key);
    /// Whose transaction is the oldest, as what a lock was probably waited for.
    std::string oldest_transaction();

private:
    void look();
    std::string who(const std::string& condition, const std::vector<Session::Text>& values);

    const std::string url_;
    const int watched_;
    const std::function<void(std::string_view)> say_;
    std::optional<Session> session_;  // opened at first need
    std::string last_;
};

}  // namespace brio::db::postgres
