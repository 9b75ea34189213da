// How many connections a process may have, decided by what the server has left. Pure. Internal.
//
// Processes that share a server each look at how many connections it has, how many of them are taken and how
// many processes take them, and keep `reserve` free for others together: while some are free beyond that,
// each may have its part of these more; when none are, whoever has more than its fair part gives half of the
// surplus back at each look, and what it has not used lately, and whoever has less may go into the reserve
// for one more. So all come to the same within some looks, but for what some do not use, which others get
// (max-min fairness; Bertsekas and Gallager, "Data Networks", 6.5.2). Nobody tells another anything: what
// each needs to know stands in pg_stat_activity.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace brio::db::postgres {

/// What the server says.
struct Room {
    std::size_t most = 0;       // connections for those who are no superusers
    std::size_t used = 0;       // by whomever
    std::size_t ours = 0;       // by programs like this one
    std::size_t processes = 1;  // of these
};

struct RoomOptions {
    std::size_t least = 4;    // a process can do with no fewer
    std::size_t most = 20;    // as its setting says
    std::size_t reserve = 5;  // connections that are left to others
    std::chrono::nanoseconds unused_after = std::chrono::seconds(30);
};

/// What a process may have no more connections for.
enum class BoundBy : std::uint8_t {
    setting,
    server,  // it has no more
    share,   // other processes have theirs
};
/// "setting", "server", "share".
std::string_view name_of(BoundBy by) noexcept;

class ConnectionBound {
public:
    explicit ConnectionBound(const RoomOptions& options) noexcept : options_(options), bound_(options.most) {}

    /// `own`: connections that this process has now; `needed`: the most that it needed at a time since the
    /// last look.
    struct Own {
        std::size_t open = 0;
        std::size_t needed = 0;
    };
    /// Gives how many it may have from now on.
    std::size_t look(std::chrono::nanoseconds now, const Room& room, Own own) noexcept;
    /// The server has refused one: no more until a look finds room.
    std::size_t refused(std::size_t open) noexcept;

    std::size_t bound() const noexcept { return bound_; }
    BoundBy by() const noexcept { return by_; }
    const Room& room() const noexcept { return room_; }

private:
    std::size_t within(std::size_t bound) const noexcept;

    const RoomOptions options_;
    std::size_t bound_;
    BoundBy by_ = BoundBy::setting;
    Room room_;
    std::size_t needed_ = 0;  // at most, in the time before
    std::size_t needed_now_ = 0;
    std::chrono::nanoseconds since_{0};
};

}  // namespace brio::db::postgres
