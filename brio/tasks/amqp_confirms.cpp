#include <brio/tasks/amqp_confirms.hpp>

#include <utility>

namespace brio::tasks::amqp {

void Unconfirmed::sent(Publish publish) { open_.emplace(++sent_, Open{std::move(publish)}); }

void Unconfirmed::confirmed(std::uint64_t number, bool is_multiple, bool is_well) {
    const auto end = open_.upper_bound(number);
    const auto begin = is_multiple ? open_.begin() : open_.lower_bound(number);
    for (auto each = begin; each != end; ++each) {
        const Open& open = each->second;
        open.publish.into.is_confirmed[open.publish.at] = is_well && !open.is_returned;
        --open.publish.into.open;
    }
    open_.erase(begin, end);
}

void Unconfirmed::returned(const std::string& queue, const std::string& correlation_id) {
    for (auto& [number, open] : open_) {
        if (open.publish.queue == queue && open.publish.correlation_id == correlation_id) {
            open.is_returned = true;
        }
    }
}

}  // namespace brio::tasks::amqp
