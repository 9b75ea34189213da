#include <brio/tasks/message.hpp>

namespace brio::tasks {

std::string_view name_of(State state) noexcept {
    switch (state) {
        case State::unknown: return "unknown";
        case State::pending: return "pending";
        case State::running: return "running";
        case State::retrying: return "retrying";
        case State::done: return "done";
        case State::failed: return "failed";
        case State::expired: return "expired";
        case State::revoked: return "revoked";
    }
    return "unknown";
}

}  // namespace brio::tasks
