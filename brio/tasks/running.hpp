// What the loops of one worker process carry out just now, for who watches over it: a task that goes on after
// its hard deadline, and what ran when the process ended by a signal. Any thread.
#pragma once
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace brio::tasks {

class Running {
public:
    struct Task {
        std::string id;
        std::string name;
        std::chrono::nanoseconds hard_until{0};  // monotonic
    };

    /// Gives what remove() takes.
    std::uint64_t add(Task task) {
        const std::scoped_lock lock(mutex_);
        tasks_.emplace(++last_, std::move(task));
        return last_;
    }
    void remove(std::uint64_t number) {
        const std::scoped_lock lock(mutex_);
        tasks_.erase(number);
    }
    /// One that should have ended before `now`.
    std::optional<Task> overdue(std::chrono::nanoseconds now) const {
        const std::scoped_lock lock(mutex_);
        for (const auto& [number, task] : tasks_) {
            if (task.hard_until <= now) {
                return task;
            }
        }
        return std::nullopt;
    }
    std::vector<Task> all() const {
        const std::scoped_lock lock(mutex_);
        std::vector<Task> all;
        for (const auto& [number, task] : tasks_) {
            all.push_back(task);
        }
        return all;
    }
    /// Since the process began.
    std::uint64_t begun() const {
        const std::scoped_lock lock(mutex_);
        return last_;
    }
    std::size_t size() const {
        const std::scoped_lock lock(mutex_);
        return tasks_.size();
    }

private:
    mutable std::mutex mutex_;
    std::uint64_t last_ = 0;               // guarded by mutex_
    std::map<std::uint64_t, Task> tasks_;  // guarded by mutex_; at most the slots of all loops
};

}  // namespace brio::tasks
