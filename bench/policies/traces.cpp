#include "traces.hpp"

#include <algorithm>
#include <cmath>

namespace brio::bench {

namespace {

constexpr std::size_t zipf_keys = 1'000'000;

/// Numbers from 0 on, the k-th with a probability in proportion to 1 / (k + 1)^exponent.
class Zipf {
public:
    Zipf(std::size_t count, double exponent) : sums_(count) {
        double sum = 0;
        for (std::size_t i = 0; i < count; ++i) {
            sum += std::pow(static_cast<double>(i + 1), -exponent);
            sums_[i] = sum;
        }
    }
    std::uint64_t operator()(Random& random) const {
        const double at = random.uniform() * sums_.back();
        return static_cast<std::uint64_t>(std::ranges::upper_bound(sums_, at) - sums_.begin());
    }

private:
    std::vector<double> sums_;
};

// Keys of different kinds of access never meet.
constexpr ObjectKey scanned = ObjectKey{1} << 40;
constexpr ObjectKey looped = ObjectKey{1} << 41;

struct Maker {
    std::size_t length;
    std::size_t capacity;
    Random random;
    Zipf zipf;

    std::vector<ObjectKey> skewed() {
        std::vector<ObjectKey> keys(length);
        std::ranges::generate(keys, [&] { return zipf(random); });
        return keys;
    }
    /// After every five capacities of skewed accesses, two capacities of keys that never come again.
    std::vector<ObjectKey> scanning() {
        std::vector<ObjectKey> keys;
        ObjectKey next = scanned;
        while (keys.size() < length) {
            for (std::size_t i = 0; i < capacity * 5; ++i) {
                keys.push_back(zipf(random));
            }
            for (std::size_t i = 0; i < capacity * 2; ++i) {
                keys.push_back(next++);
            }
        }
        keys.resize(length);
        return keys;
    }
    /// Round and round over half as many keys again as there is room for.
    std::vector<ObjectKey> looping() {
        std::vector<ObjectKey> keys(length);
        for (std::size_t i = 0; i < length; ++i) {
            keys[i] = looped + i % (capacity * 3 / 2);
        }
        return keys;
    }
    /// Skewed, and what is asked for moves on: after every four capacities a tenth of a capacity of the keys
    /// makes room for new ones.
    std::vector<ObjectKey> drifting() {
        std::vector<ObjectKey> keys(length);
        for (std::size_t i = 0; i < length; ++i) {
            const std::size_t moved = i / (capacity * 4) * (capacity / 10);
            keys[i] = (zipf(random) * 7919 + moved * 7919) % zipf_keys;
        }
        return keys;
    }
    /// News: each key is asked for some times soon after it came up, then hardly ever again.
    std::vector<ObjectKey> recent() {
        std::vector<ObjectKey> keys(length);
        ObjectKey newest = 0;
        for (std::size_t i = 0; i < length; ++i) {
            newest += random.below(4) == 0 ? 1 : 0;
            const double age = -std::log(1 - random.uniform()) * static_cast<double>(capacity) * 0.7;
            const auto back = static_cast<ObjectKey>(age);
            keys[i] = scanned * 4 + (newest > back ? newest - back : 0);
        }
        return keys;
    }
    /// All of these in turns of ten capacities.
    std::vector<ObjectKey> mixed() {
        const std::vector<std::vector<ObjectKey>> all{skewed(), scanning(), recent(), drifting(), looping()};
        std::vector<ObjectKey> keys;
        for (std::size_t turn = 0; keys.size() < length; ++turn) {
            const auto& from = all[turn % all.size()];
            const std::size_t at = keys.size();
            keys.insert(keys.end(), from.begin() + static_cast<std::ptrdiff_t>(at),
                        from.begin() + static_cast<std::ptrdiff_t>(std::min(at + capacity * 10, length)));
        }
        return keys;
    }
};

}  // namespace

std::vector<Trace> make_traces(std::size_t length, std::size_t capacity, std::uint64_t seed) {
    Maker make{length, capacity, Random(seed), Zipf(zipf_keys, 0.9)};
    return {{"zipf", "Zipf 0.9 over 1,000,000 keys", make.skewed()},
            {"scan", "the same with scans between", make.scanning()},
            {"loop", "a loop of 1.5 times the room", make.looping()},
            {"drift", "Zipf whose keys move on", make.drifting()},
            {"news", "asked for soon after the first time", make.recent()},
            {"mixed", "turns of all of these", make.mixed()}};
}

}  // namespace brio::bench
