#include <brio/runtime/offload.hpp>
#include <brio/runtime/sampler.hpp>

#include <pthread.h>
#include <signal.h>

#include <algorithm>

namespace brio::runtime {

namespace {

// As metrics write names.
std::string limit_name(std::string name) {
    std::ranges::replace(name, '-', '_');
    return name + "_queue";
}

}  // namespace

OffloadPool::OffloadPool(Options options) : queued_(limit_name(options.name), options.queue) {
    // Signals are for the thread that waits for them: the pool's threads block all.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (std::size_t i = 0; i < options.threads; ++i) {
        threads_.emplace_back([this, name = options.name] {
            const SampledThread sampled(name);
            serve();
        });
        pthread_setname_np(threads_.back().native_handle(), options.name);
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

OffloadPool::~OffloadPool() {
    {
        std::scoped_lock const lock(mutex_);
        ending_ = true;
    }
    ready_.notify_all();
    for (auto& thread : threads_) {
        thread.join();
    }
    for (auto* job : jobs_) {  // of a pool without threads
        if (job->loop_ == nullptr) {
            job->complete();
        }
    }
}

bool OffloadPool::submit(OffloadJob& job, Loop& loop) { return put(job, &loop); }

bool OffloadPool::submit(OffloadJob& job) { return put(job, nullptr); }

bool OffloadPool::put(OffloadJob& job, Loop* loop) {
    if (!queued_.try_take()) {
        return false;
    }
    job.loop_ = loop;
    {
        std::scoped_lock const lock(mutex_);
        jobs_.push_back(&job);
    }
    ready_.notify_one();
    return true;
}

bool OffloadPool::withdraw(OffloadJob& job) {
    std::scoped_lock const lock(mutex_);
    auto const found = std::find(jobs_.begin(), jobs_.end(), &job);
    if (found == jobs_.end()) {
        return false;
    }
    jobs_.erase(found);
    queued_.give_back();
    return true;
}

void OffloadPool::serve() {
    std::unique_lock lock(mutex_);
    for (;;) {
        ready_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
        if (jobs_.empty()) {
            return;
        }
        auto& job = *jobs_.front();
        jobs_.pop_front();
        queued_.give_back();
        lock.unlock();
        job.run_(job);
        if (job.loop_ != nullptr) {
            job.loop_->post(job);
        } else {
            job.complete();
        }
        lock.lock();
    }
}

}  // namespace brio::runtime
