#include <algorithm>
#include <set>

#include "ordered.hpp"

namespace brio::bench {

namespace {

class Lru final : public Policy {
public:
    explicit Lru(std::size_t capacity) : capacity_(capacity) {}
    bool access(ObjectKey key) override {
        if (kept_.contains(key)) {
            kept_.to_front(key);
            return true;
        }
        if (kept_.size() == capacity_) {
            kept_.pop_back();
        }
        kept_.push_front(key);
        return false;
    }

private:
    std::size_t capacity_;
    Ordered<> kept_;
};

class Sieve final : public Policy {
public:
    explicit Sieve(std::size_t capacity) : capacity_(capacity) {}
    bool access(ObjectKey key) override {
        if (auto* there = kept_.find(key)) {
            there->mark = true;
            return true;
        }
        if (kept_.size() == capacity_) {
            evict();
        }
        kept_.push_front(key);
        return false;
    }

private:
    void evict() {
        auto& entries = kept_.entries();
        auto at = hand_set_ ? hand_ : std::prev(entries.end());
        while (at->mark) {
            at->mark = false;
            at = at == entries.begin() ? std::prev(entries.end()) : std::prev(at);
        }
        hand_set_ = at != entries.begin();
        if (hand_set_) {
            hand_ = std::prev(at);
        }
        kept_.erase(at->key);
    }
    std::size_t capacity_;
    Ordered<bool> kept_;
    Ordered<bool>::Place hand_;
    bool hand_set_ = false;
};

class S3Fifo final : public Policy {
public:
    explicit S3Fifo(std::size_t capacity)
        : capacity_(capacity),
          small_most_(std::max<std::size_t>(capacity / 10, 1)) {}
    bool access(ObjectKey key) override {
        auto* there = small_.find(key);
        there = there != nullptr ? there : main_.find(key);
        if (there != nullptr) {
            there->mark = std::min(there->mark + 1, 3);
            return true;
        }
        while (small_.size() + main_.size() >= capacity_) {
            small_.size() >= small_most_ ? evict_small() : evict_main();
        }
        ghost_.erase(key) ? main_.push_front(key, 0) : small_.push_front(key, 0);
        return false;
    }

private:
    void evict_small() {
        const auto last = small_.pop_back();
        if (last.mark > 1) {
            main_.push_front(last.key, 0);
            return;
        }
        ghost_.push_front(last.key);
        while (ghost_.size() > capacity_ - small_most_) {
            ghost_.pop_back();
        }
    }
    void evict_main() {
        while (true) {
            const auto last = main_.pop_back();
            if (last.mark == 0) {
                return;
            }
            main_.push_front(last.key, last.mark - 1);
        }
    }
    std::size_t capacity_;
    std::size_t small_most_;
    Ordered<int> small_;
    Ordered<int> main_;
    Ordered<> ghost_;
};

class Arc final : public Policy {
public:
    explicit Arc(std::size_t capacity) : c_(capacity) {}
    bool access(ObjectKey key) override {
        if (t1_.erase(key)) {
            t2_.push_front(key);
            return true;
        }
        if (t2_.contains(key)) {
            t2_.to_front(key);
            return true;
        }
        if (b1_.contains(key)) {
            p_ = std::min(c_, p_ + std::max<std::size_t>(b2_.size() / b1_.size(), 1));
            replace(false);
            b1_.erase(key);
            t2_.push_front(key);
        } else if (b2_.contains(key)) {
            const std::size_t less = std::max<std::size_t>(b1_.size() / b2_.size(), 1);
            p_ = p_ > less ? p_ - less : 0;
            replace(true);
            b2_.erase(key);
            t2_.push_front(key);
        } else {
            take_new(key);
        }
        return false;
    }

private:
    void take_new(ObjectKey key) {
        const std::size_t first = t1_.size() + b1_.size();
        const std::size_t all = first + t2_.size() + b2_.size();
        if (first == c_) {
            if (t1_.size() < c_) {
                b1_.pop_back();
                replace(false);
            } else {
                t1_.pop_back();
            }
        } else if (all >= c_) {
            if (all == 2 * c_) {
                b2_.pop_back();
            }
            replace(false);
        }
        t1_.push_front(key);
    }
    void replace(bool in_b2) {
        if (t1_.size() + t2_.size() < c_) {
            return;
        }
        if (t1_.size() > 0 && (t1_.size() > p_ || (in_b2 && t1_.size() == p_))) {
            b1_.push_front(t1_.pop_back().key);
        } else {
            b2_.push_front(t2_.pop_back().key);
        }
    }
    std::size_t c_;
    std::size_t p_ = 0;
    Ordered<> t1_;
    Ordered<> t2_;
    Ordered<> b1_;
    Ordered<> b2_;
};

class Lirs final : public Policy {
public:
    explicit Lirs(std::size_t capacity)
        : low_most_(capacity - std::max<std::size_t>(capacity / 100, 2)),
          high_most_(capacity - low_most_),
          stack_most_(capacity * 3) {}
    bool access(ObjectKey key) override {
        auto* in_stack = stack_.find(key);
        if (in_stack != nullptr && in_stack->mark == State::low) {
            stack_.to_front(key);
            prune();
            return true;
        }
        const bool is_kept = queue_.contains(key);
        if (!is_kept) {
            if (low_ < low_most_ && in_stack == nullptr) {
                stack_.push_front(key, State::low);
                ++low_;
                return false;
            }
            if (queue_.size() >= high_most_) {
                forget_oldest();
                in_stack = stack_.find(key);
            }
        }
        if (in_stack != nullptr) {
            in_stack->mark = State::low;
            stack_.to_front(key);
            gone_.erase(key);
            queue_.erase(key);
            ++low_;
            demote();
        } else {
            stack_.push_front(key, State::high);
            queue_.erase(key);
            queue_.push_front(key);
        }
        bound();
        return is_kept;
    }

private:
    enum class State : char { low, high, gone };
    void forget_oldest() {
        if (auto* there = stack_.find(queue_.pop_back().key)) {
            there->mark = State::gone;
            gone_.push_front(there->key);
        }
    }
    void demote() {
        while (low_ > low_most_) {
            const auto last = stack_.pop_back();
            --low_;
            queue_.push_front(last.key);
            while (queue_.size() > high_most_) {
                forget_oldest();
            }
            prune();
        }
    }
    void prune() {
        while (stack_.size() != 0 && stack_.back().mark != State::low) {
            gone_.erase(stack_.pop_back().key);
        }
    }
    /// The stack of what is only remembered would grow without end.
    void bound() {
        while (stack_.size() > stack_most_ && gone_.size() != 0) {
            stack_.erase(gone_.pop_back().key);
        }
        prune();
    }
    std::size_t low_most_;
    std::size_t high_most_;
    std::size_t stack_most_;
    std::size_t low_ = 0;
    Ordered<State> stack_;
    Ordered<> queue_;
    Ordered<> gone_;  // of the stack, those that are only remembered
};

}  // namespace

std::unique_ptr<Policy> make_lru(std::size_t capacity) { return std::make_unique<Lru>(capacity); }
std::unique_ptr<Policy> make_sieve(std::size_t capacity) { return std::make_unique<Sieve>(capacity); }
std::unique_ptr<Policy> make_s3_fifo(std::size_t capacity) { return std::make_unique<S3Fifo>(capacity); }
std::unique_ptr<Policy> make_arc(std::size_t capacity) { return std::make_unique<Arc>(capacity); }
std::unique_ptr<Policy> make_lirs(std::size_t capacity) { return std::make_unique<Lirs>(capacity); }

std::uint64_t clairvoyant_hits(std::span<const ObjectKey> trace, std::size_t capacity,
                               std::size_t counted_from) {
    std::vector<std::size_t> next(trace.size());
    std::unordered_map<ObjectKey, std::size_t> last;
    for (std::size_t i = trace.size(); i-- > 0;) {
        const auto [at, is_new] = last.try_emplace(trace[i], i);
        next[i] = is_new ? trace.size() + i : at->second;
        at->second = i;
    }
    std::uint64_t hits = 0;
    std::set<std::pair<std::size_t, ObjectKey>> by_next;
    std::unordered_map<ObjectKey, std::size_t> kept;
    for (std::size_t i = 0; i < trace.size(); ++i) {
        if (const auto at = kept.find(trace[i]); at != kept.end()) {
            hits += i >= counted_from ? 1 : 0;
            by_next.erase({at->second, trace[i]});
            at->second = next[i];
        } else {
            kept[trace[i]] = next[i];
        }
        by_next.insert({next[i], trace[i]});
        if (kept.size() > capacity) {
            const auto farthest = std::prev(by_next.end());
            kept.erase(farthest->second);
            by_next.erase(farthest);
        }
    }
    return hits;
}

}  // namespace brio::bench
