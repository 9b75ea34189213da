// What each loop has to itself of something that the program has once: its connections to one server, say.
//
// A seat is made at its loop's first use and found without a lock from then on. It ends with the seats, or
// with its loop where that comes first.
#pragma once
#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

#include <brio/base/expect.hpp>
#include <brio/runtime/loop.hpp>

namespace brio::runtime {

/// Destroyed while none of the loops runs.
template <class T>
class Seats {
public:
    static constexpr std::size_t most_loops = 64;

    Seats() = default;
    Seats(const Seats&) = delete;
    Seats& operator=(const Seats&) = delete;

    /// The seat of `loop`; `make()` gives the std::unique_ptr<T> of one that has none yet, one call at a
    /// time. On the loop's thread. Cost: 1 ns and half as much for each loop that came before.
    template <class Make>
    T& of(Loop& loop, Make make) {
        const std::size_t used = used_.load(std::memory_order_acquire);
        for (std::size_t i = 0; i < used; ++i) {
            if (places_[i].loop.load(std::memory_order_relaxed) == &loop) [[likely]] {
                return *places_[i].seat;
            }
        }
        return add(loop, make);
    }

private:
    struct Place : LoopEnd {
        Place() noexcept : LoopEnd([](LoopEnd& end) { static_cast<Place&>(end).give_up(); }) {}
        void give_up() {
            seat.reset();
            loop.store(nullptr, std::memory_order_release);
        }
        std::atomic<Loop*> loop{nullptr};
        std::unique_ptr<T> seat;  // of the loop's thread
    };

    template <class Make>
    T& add(Loop& loop, Make& make) {
        const std::scoped_lock lock(mutex_);
        std::size_t at = 0;
        while (at < most_loops && places_[at].loop.load(std::memory_order_acquire) != nullptr) {
            ++at;
        }
        expect(at < most_loops, "at most 64 loops use one of these at a time");
        Place& place = places_[at];
        place.seat = make();
        loop.at_end(place);
        place.loop.store(&loop, std::memory_order_relaxed);
        if (at == used_.load(std::memory_order_relaxed)) {
            used_.store(at + 1, std::memory_order_release);
        }
        return *place.seat;
    }

    std::mutex mutex_;  // one seat is made at a time
    std::array<Place, most_loops> places_;
    std::atomic<std::size_t> used_{0};
};

}  // namespace brio::runtime
