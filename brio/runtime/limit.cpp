#include <brio/runtime/limit.hpp>

namespace brio::runtime {

void Limits::add(Limit& limit) {
    std::scoped_lock const lock(mutex_);
    limits_.push_back(&limit);
}

void Limits::each(const std::function<void(const Limit&)>& visit) const {
    std::scoped_lock const lock(mutex_);
    for (auto const* limit : limits_) {
        visit(*limit);
    }
}

}  // namespace brio::runtime
