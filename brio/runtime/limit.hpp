// A named bound and how much of it is used. Whatever is bounded (a queue, a pool, connections) registers
// here, so that metrics, overload control and `resources config` read every bound in one place.
//
// Counters are relaxed atomics: any thread may read; writers may be on several threads.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace brio::runtime {

class Limit {
public:
    Limit(std::string name, std::uint64_t most) : name_(std::move(name)), most_(most) {}
    Limit(const Limit&) = delete;
    Limit& operator=(const Limit&) = delete;

    /// Takes `n` units or, when they do not fit, takes none, counts a refusal and returns false.
    bool try_take(std::uint64_t n = 1) noexcept {
        auto const before = used_.fetch_add(n, std::memory_order_relaxed);
        if (before + n > most_.load(std::memory_order_relaxed)) [[unlikely]] {
            used_.fetch_sub(n, std::memory_order_relaxed);
            refused_.fetch_add(1, std::memory_order_relaxed);
            return false;
        }
        return true;
    }
    /// Takes them whether they fit or not: what is in already.
    void take(std::uint64_t n = 1) noexcept { used_.fetch_add(n, std::memory_order_relaxed); }
    void give_back(std::uint64_t n = 1) noexcept { used_.fetch_sub(n, std::memory_order_relaxed); }
    void count_refusal() noexcept { refused_.fetch_add(1, std::memory_order_relaxed); }

    const std::string& name() const noexcept { return name_; }
    std::uint64_t most() const noexcept { return most_.load(std::memory_order_relaxed); }
    void set_most(std::uint64_t most) noexcept { most_.store(most, std::memory_order_relaxed); }
    std::uint64_t used() const noexcept { return used_.load(std::memory_order_relaxed); }
    std::uint64_t refused() const noexcept { return refused_.load(std::memory_order_relaxed); }

private:
    std::string name_;
    std::atomic<std::uint64_t> most_;
    std::atomic<std::uint64_t> used_{0};
    std::atomic<std::uint64_t> refused_{0};
};

/// The program's limits, in the order of registration. Limits outlive the list.
class Limits {
public:
    void add(Limit& limit);
    void each(const std::function<void(const Limit&)>& visit) const;

private:
    mutable std::mutex mutex_;
    std::vector<Limit*> limits_;
};

}  // namespace brio::runtime
