// What the loops of one worker process carry out just now, for who watches over it: a task that goes on after
// its hard deadline, what ran when the process ended by a signal, and what the broker may take for held here.
// Any thread.
#pragma once
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <brio/tasks/broker.hpp>
#include <brio/tasks/running_notes.hpp>

namespace brio::tasks {

class Running {
public:
    struct Task {
        std::string id;
        std::string name;
        std::chrono::nanoseconds hard_until{0};  // monotonic
        std::uint64_t fence = 0;                 // of its claim
    };

    /// `noted`: of so many tasks at a time there are notes for the case that the process dies.
    explicit Running(std::size_t noted = 0) : notes_(noted) {}

    /// Gives what remove() takes.
    std::uint64_t add(Task task) {
        const std::scoped_lock lock(mutex_);
        const auto note = notes_.add(task.id, task.name, task.fence);
        tasks_.emplace(++last_, Entry{std::move(task), note});
        return last_;
    }
    void remove(std::uint64_t number) {
        const std::scoped_lock lock(mutex_);
        const auto found = tasks_.find(number);
        if (found == tasks_.end()) {
            return;
        }
        if (found->second.note) {
            notes_.remove(*found->second.note);
        }
        tasks_.erase(found);
    }
    const RunningNotes& notes() const noexcept { return notes_; }
    /// From its claim on, until the broker has acknowledged what became of it.
    void hold(Held claim) {
        const std::scoped_lock lock(mutex_);
        held_.insert(std::move(claim));
    }
    void release(const Held& claim) {
        const std::scoped_lock lock(mutex_);
        held_.erase(claim);
        if (alone_ == claim) {
            alone_.reset();
            is_reserved_ = false;
        }
    }
    /// For one that may have brought its worker down: it is to run while nothing else is held here. False
    /// when another has that already.
    bool ask_to_be_alone(const Held& claim) {
        const std::scoped_lock lock(mutex_);
        if (alone_) {
            return false;
        }
        alone_ = claim;
        is_reserved_ = true;
        return true;
    }
    /// Nothing else is held, nor on its way here. A claim that begins from now on has to see that it must
    /// not.
    bool is_alone(const Held& claim) const {
        const std::scoped_lock lock(mutex_);
        return alone_ == claim && held_.size() == 1 && claiming_.empty();
    }
    /// Somebody is alone, or waits to be: nothing is claimed and nothing begun beside it.
    bool is_reserved() const noexcept { return is_reserved_.load(std::memory_order_relaxed); }

    /// While it lives, a claim is under way: what it gave is not held here yet. To be made before it is asked
    /// whether somebody is alone, so that either sees the other.
    class Claiming {
    public:
        explicit Claiming(Running& running) : running_(running) {
            const std::scoped_lock lock(running.mutex_);
            number_ = *running.claiming_.insert(++running.last_claim_).first;
        }
        Claiming(const Claiming&) = delete;
        Claiming& operator=(const Claiming&) = delete;
        ~Claiming() {
            const std::scoped_lock lock(running_.mutex_);
            running_.claiming_.erase(number_);
        }

    private:
        Running& running_;
        std::uint64_t number_ = 0;
    };
    std::uint64_t last_claim() const {
        const std::scoped_lock lock(mutex_);
        return last_claim_;
    }
    /// Every claim up to this one is over.
    bool are_over(std::uint64_t number) const {
        const std::scoped_lock lock(mutex_);
        return claiming_.empty() || *claiming_.begin() > number;
    }

    /// The broker has answered a claim, with tasks or without.
    void note_fetch(std::chrono::nanoseconds now) noexcept { last_fetch_ = now.count(); }
    /// When it last did; 0: never.
    std::chrono::nanoseconds last_fetch() const noexcept { return std::chrono::nanoseconds(last_fetch_); }

    /// Slots that are taken.
    std::size_t held() const {
        const std::scoped_lock lock(mutex_);
        return held_.size();
    }
    bool holds(const Held& claim) const {
        const std::scoped_lock lock(mutex_);
        return held_.contains(claim);
    }
    /// One that should have ended before `now`.
    std::optional<Task> overdue(std::chrono::nanoseconds now) const {
        const std::scoped_lock lock(mutex_);
        for (const auto& [number, entry] : tasks_) {
            if (entry.task.hard_until <= now) {
                return entry.task;
            }
        }
        return std::nullopt;
    }
    std::vector<Task> all() const {
        const std::scoped_lock lock(mutex_);
        std::vector<Task> all;
        for (const auto& [number, entry] : tasks_) {
            all.push_back(entry.task);
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
    struct Entry {
        Task task;
        std::optional<std::size_t> note;
    };
    mutable std::mutex mutex_;
    RunningNotes notes_;                    // written under mutex_
    std::uint64_t last_ = 0;                // guarded by mutex_
    std::map<std::uint64_t, Entry> tasks_;  // guarded by mutex_; at most the slots of all loops
    std::set<Held> held_;                   // the same
    std::optional<Held> alone_;             // guarded by mutex_
    std::atomic<bool> is_reserved_{false};
    std::atomic<std::int64_t> last_fetch_{0};
    std::uint64_t last_claim_ = 0;      // guarded by mutex_
    std::set<std::uint64_t> claiming_;  // guarded by mutex_; at most two a loop
};

}  // namespace brio::tasks
