#include <brio/runtime/running.hpp>

namespace brio::runtime {

namespace detail {
constinit thread_local std::atomic<const Running*> innermost_running{nullptr};
}

// Where it was running it has ended: the list must not lead to it.
void Work::forget_running() const noexcept {
    for (const Running* each = Running::here(); each != nullptr; each = each->outer_) {
        if (each->work_ == this) {
            each->work_ = nullptr;
        }
        if (each->scopes_ == &own_scopes_) {
            each->scopes_ = nullptr;
        }
    }
}

}  // namespace brio::runtime
