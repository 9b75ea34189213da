#include <brio/tasks/broker.hpp>

#include <stdexcept>

#include <brio/base/text.hpp>
#include <brio/db/db.hpp>

namespace brio::tasks {

std::vector<Settlement> returned(const std::vector<Held>& held) {
    std::vector<Settlement> all;
    for (const Held& each : held) {
        all.push_back({.held = each, .outcome = Settlement::Outcome::returned});
    }
    return all;
}

std::string_view name_of(Settlement::Outcome outcome) noexcept {
    switch (outcome) {
        case Settlement::Outcome::done: return "done";
        case Settlement::Outcome::retried: return "retried";
        case Settlement::Outcome::failed: return "failed";
        case Settlement::Outcome::returned: return "returned";
        case Settlement::Outcome::expired: return "expired";
        case Settlement::Outcome::revoked: return "revoked";
    }
    return "unknown";
}

Async<void> Broker::push_within(db::Db, std::vector<Message>) {
    throw std::logic_error(concat(
        {"tasks are kept in ", words(),
         ", which takes no part in the database's transactions: push after the commit, or let BROKER_URL "
         "be unset so that the database keeps them"}));
}

Async<void> Broker::keep() { co_return; }

}  // namespace brio::tasks
