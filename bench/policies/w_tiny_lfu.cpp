#include <algorithm>
#include <array>
#include <bit>

#include "ordered.hpp"

namespace brio::bench {

namespace {

std::uint64_t mixed(std::uint64_t value) {
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return value ^ (value >> 31);
}

/// Four counters of four bits a key, the least of which counts.
class Sketch {
public:
    explicit Sketch(std::size_t capacity) : rows_(std::bit_ceil(capacity) * 4), sample_(capacity * 10) {
        for (auto& row : counters_) {
            row.resize(rows_);
        }
    }
    void add(ObjectKey key) {
        bool counted = false;
        for (std::size_t i = 0; i < counters_.size(); ++i) {
            std::uint8_t& counter = counters_[i][place(key, i)];
            counted = counted || counter < 15;
            counter += counter < 15 ? 1 : 0;
        }
        if (counted && ++added_ == sample_) {
            added_ /= 2;
            for (auto& row : counters_) {
                std::ranges::for_each(row, [](std::uint8_t& counter) { counter /= 2; });
            }
        }
    }
    int estimate(ObjectKey key) const {
        int least = 15;
        for (std::size_t i = 0; i < counters_.size(); ++i) {
            least = std::min<int>(least, counters_[i][place(key, i)]);
        }
        return least;
    }

private:
    std::size_t place(ObjectKey key, std::size_t row) const {
        return mixed(key + row * 0x9e3779b97f4a7c15) & (rows_ - 1);
    }
    std::size_t rows_;
    std::size_t sample_;
    std::size_t added_ = 0;
    std::array<std::vector<std::uint8_t>, 4> counters_;
};

class WTinyLfu final : public Policy {
public:
    explicit WTinyLfu(std::size_t capacity)
        : window_most_(std::max<std::size_t>(capacity / 100, 1)),
          main_most_(capacity - window_most_),
          protected_most_(main_most_ * 8 / 10),
          sketch_(capacity) {}
    bool access(ObjectKey key) override {
        sketch_.add(key);
        if (window_.contains(key)) {
            window_.to_front(key);
            return true;
        }
        if (protected_.contains(key)) {
            protected_.to_front(key);
            return true;
        }
        if (probation_.erase(key)) {
            protected_.push_front(key);
            if (protected_.size() > protected_most_) {
                probation_.push_front(protected_.pop_back().key);
            }
            return true;
        }
        window_.push_front(key);
        if (window_.size() > window_most_) {
            admit(window_.pop_back().key);
        }
        return false;
    }

private:
    void admit(ObjectKey candidate) {
        if (probation_.size() + protected_.size() < main_most_) {
            probation_.push_front(candidate);
            return;
        }
        auto& victims = probation_.size() != 0 ? probation_ : protected_;
        if (sketch_.estimate(candidate) > sketch_.estimate(victims.back().key)) {
            victims.pop_back();
            probation_.push_front(candidate);
        }
    }
    std::size_t window_most_;
    std::size_t main_most_;
    std::size_t protected_most_;
    Sketch sketch_;
    Ordered<> window_;
    Ordered<> probation_;
    Ordered<> protected_;
};

}  // namespace

std::unique_ptr<Policy> make_w_tiny_lfu(std::size_t capacity) { return std::make_unique<WTinyLfu>(capacity); }

}  // namespace brio::bench
