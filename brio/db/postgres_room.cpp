#include <brio/db/postgres_room.hpp>

#include <algorithm>

namespace brio::db::postgres {

std::string_view name_of(BoundBy by) noexcept {
    switch (by) {
        case BoundBy::setting: return "setting";
        case BoundBy::server: return "server";
        case BoundBy::share: return "share";
    }
    return {};
}

std::size_t ConnectionBound::within(std::size_t bound) const noexcept {
    return std::clamp(bound, std::min(options_.least, options_.most), options_.most);
}

std::size_t ConnectionBound::look(std::chrono::nanoseconds now, const Room& room, Own own) noexcept {
    room_ = room;
    if (now - since_ >= options_.unused_after) {
        needed_ = needed_now_;
        needed_now_ = 0;
        since_ = now;
    }
    needed_now_ = std::max(needed_now_, own.needed);
    const auto lately = std::max(needed_, needed_now_);

    const auto processes = std::max<std::size_t>(1, room.processes);
    const auto usable = room.most - std::min(room.most, options_.reserve);
    const auto others = room.used - std::min(room.used, room.ours);
    const auto share = std::max(options_.least, (usable - std::min(usable, others)) / processes);
    if (room.used < usable) {
        const auto part = (usable - room.used) / processes;
        bound_ = own.open + (own.open < share ? std::max<std::size_t>(part, 1) : part);
    } else if (own.open > share) {
        bound_ = std::max(share, own.open - (own.open - share + 1) / 2);
    } else {
        bound_ = own.open + (own.open < share && room.used < room.most ? 1 : 0);
    }
    if (room.used >= usable && lately < own.open) {
        bound_ = std::min(bound_, lately + 1);
    }
    bound_ = within(bound_);
    by_ = bound_ == options_.most              ? BoundBy::setting
          : processes > 1 && own.open >= share ? BoundBy::share
                                               : BoundBy::server;
    return bound_;
}

std::size_t ConnectionBound::refused(std::size_t open) noexcept {
    bound_ = within(std::min(bound_, open));
    by_ = bound_ == options_.most ? BoundBy::setting : BoundBy::server;
    return bound_;
}

}  // namespace brio::db::postgres
