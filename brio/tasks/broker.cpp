#include <brio/tasks/broker.hpp>

namespace brio::tasks {

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

}  // namespace brio::tasks
