// What the loops of one worker process carry out just now, for who watches over it: a task that goes on after
// its hard deadline, what ran when the process ended by a signal, and what the broker may take for held here.
// Any thread.
#pragma once
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <brio/tasks/broker.hpp>

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
    /// From its claim on, until the broker has acknowledged what became of it.
    void hold(Held claim) {
        const std::scoped_lock lock(mutex_);
        held_.insert(std::move(claim));
    }
    void release(const Held& claim) {
        const std::scoped_lock lock(mutex_);
        held_.erase(claim);
    }
    bool holds(const Held& claim) const {
        const std::scoped_lock lock(mutex_);
        return held_.contains(claim);
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
    std::set<Held> held_;                  // the same
};

}  // namespace brio::tasks
