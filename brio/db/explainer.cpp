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
        waiting_.emplace(Clock::now(), Job{.work = std::move(work)});
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

/// Waits for it; nothing at the end.
std::optional<Explainer::Job> Explainer::next() {
    std::unique_lock lock(mutex_);
    while (!ending_) {
        if (waiting_.empty()) {
            ready_.wait(lock);
        } else if (const auto due = waiting_.begin()->first; due > Clock::now()) {
            ready_.wait_until(lock, due);
        } else {
            return std::move(waiting_.extract(waiting_.begin()).mapped());
        }
    }
    return std::nullopt;
}

bool Explainer::waits_again(Job& job) {
    const std::scoped_lock lock(mutex_);
    if (ending_ || ++job.tries == most_tries) {
        return false;
    }
    const auto pause = first_pause_ * (1 << (job.tries - 1));
    waiting_.emplace(Clock::now() + pause, std::move(job));
    return true;
}

void Explainer::carry_out(Job job) {
    try {
        runtime::run(loop_, job.work());
    } catch (const std::exception& error) {
        if (waits_again(job)) {
            return;
        }
        log_warning("a statement could not be explained", {{"reason", error.what()}});
    }
    queued_.give_back();
}

void Explainer::serve() {
    pthread_setname_np(pthread_self(), "db-explain");
    while (auto job = next()) {
        carry_out(std::move(*job));
    }
}

}  // namespace brio::db
