// Keeps count of what a kept answer takes as codings of its body are made. Internal.
#pragma once
#include <memory>

#include <brio/cache/answer_item.hpp>
#include <brio/cache/caches.hpp>

namespace brio::cache {

/// Lets the body's variants be counted with their item, from the threads that make them.
class CountedGrowth {
public:
    explicit CountedGrowth(Caches& caches)
        : caches_(&caches),
          item_(std::make_shared<std::weak_ptr<const AnswerItem>>()) {}
    void belongs_to(const std::shared_ptr<AnswerItem>& item) { *item_ = item; }
    void operator()(std::size_t) const {
        if (const auto item = item_->lock()) {
            caches_->memory().recount(KeyView(item->key), *item, item->own_bytes() + item->body->bytes());
        }
    }

private:
    Caches* caches_;
    std::shared_ptr<std::weak_ptr<const AnswerItem>> item_;
};

}  // namespace brio::cache
