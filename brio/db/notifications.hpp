// Short messages between the processes that use one PostgreSQL database (LISTEN and NOTIFY).
//
// A message may be lost when a connection breaks: it says "look again", never what is to be done. Received on
// a thread of the database's.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace brio::db {

class Notifications {
public:
    using Receive = std::function<void(std::string_view payload)>;
    /// Ends when the last copy is destroyed; what is being received then may still end after it.
    using Subscription = std::shared_ptr<void>;

    virtual ~Notifications() = default;
    /// A channel's name is 1 to 63 bytes of UTF-8. `receive` is also called with an empty payload after a
    /// connection was lost and made again: messages may have been missed. It must not block and not throw.
    virtual Subscription listen(std::string channel, Receive receive) = 0;
    /// Sent soon, and kept back while there is no connection (at most 4096 of them: older ones go first).
    /// What waits to be sent with the same payload is sent once. Of the payload what PostgreSQL can carry:
    /// UTF-8 without NUL, at most 7,999 bytes by its documentation of NOTIFY.
    virtual void notify(std::string channel, std::string payload) = 0;
};

}  // namespace brio::db
