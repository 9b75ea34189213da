#include <brio/db/explainer.hpp>

#include <pthread.h>

#include <brio/base/log.hpp>
#include <brio/runtime/run.hpp>

namespace brio::db {

bool Explainer::submit(Work work) {
    if (!queued_.try_take()) {
        return false;
    }
    {
        const std::scoped_lock lock(mutex_);
        if (ending_) {
            queued_.give_back();
            return false;
        }
        waiting_.push_back(std::move(work));
        if (!thread_.joinable()) {
            thread_ = std::thread([this] { serve(); });
        }
    }
    ready_.notify_one();
    return true;
}

void Explainer::stop() {
    {
        const std::scoped_lock lock(mutex_);
        ending_ = true;
        queued_.give_back(waiting_.size());
        waiting_.clear();
    }
    ready_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Explainer::serve() {
    pthread_setname_np(pthread_self(), "db-explain");
    for (;;) {
        Work work;
        {
            std::unique_lock lock(mutex_);
            ready_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
            if (ending_) {
                return;
            }
            work = std::move(waiting_.front());
            waiting_.pop_front();
        }
        try {
            runtime::run(loop_, work());
        } catch (const std::exception& error) {
            log_warning("a statement could not be explained", {{"reason", error.what()}});
        }
        queued_.give_back();
    }
}

}  // namespace brio::db
