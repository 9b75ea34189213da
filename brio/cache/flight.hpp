// Single flight: of all who want the same thing at the same time, one makes it and the others wait.
//
//     auto boarding = flights.board(key);
//     if (!boarding.lead) {
//         auto landing = co_await flights.wait(boarding);
//         …landing.item, or landing.error, or boarding.lead = landing.lead, or nothing that can be shared
//     }
//     boarding.lead->land(item);
//
// For one process, over all its loops. Whoever leads and goes away without landing (its client left) hands
// the lead to the one that has waited longest. Errors: `wait` throws Cancelled with its unit of work, and
// Overloaded when too many wait.
#pragma once
#include <coroutine>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include <brio/cache/item.hpp>
#include <brio/cache/key.hpp>
#include <brio/runtime/async.hpp>
#include <brio/runtime/limit.hpp>
#include <brio/runtime/loop.hpp>

namespace brio::cache {

class Flights {
public:
    using Shared = std::shared_ptr<const Item>;
    class Lead;
    struct Flight;
    struct Landing;
    struct Boarding;
    class Wait;

    explicit Flights(std::uint64_t most_waiting = 10'000) : waiting_("cache_waiting", most_waiting) {}
    Flights(const Flights&) = delete;
    Flights& operator=(const Flights&) = delete;
    /// No loop may run any more, and nobody wait.
    ~Flights();

    /// Joins whoever makes it, or leads. Any thread.
    Boarding board(const KeyView& key);
    /// Somebody makes it just now.
    bool is_under_way(const KeyView& key);
    /// On a loop. `boarding` without a lead.
    Wait wait(const Boarding& boarding);
    /// Those that wait, all together.
    runtime::Limit& waiting() noexcept { return waiting_; }

private:
    struct Waiter;
    struct Hash {
        std::size_t operator()(const KeyHash& hash) const noexcept {
            return static_cast<std::size_t>(hash.low);
        }
    };
    void land(Flight& flight, Shared item, std::exception_ptr error);
    void hand_on(const std::shared_ptr<Flight>& flight);
    void leave(Flight& flight, const Waiter& waiter);
    void send(std::shared_ptr<Waiter> waiter);
    std::shared_ptr<Waiter> arrived(const Waiter& waiter);
    void forget(const Flight& flight);

    runtime::Limit waiting_;
    std::mutex mutex_;
    std::unordered_map<KeyHash, std::shared_ptr<Flight>, Hash> flights_;       // guarded by mutex_
    std::unordered_map<const Waiter*, std::shared_ptr<Waiter>> on_their_way_;  // guarded by mutex_
};

/// The right to make it, for one. Ends by one of three, or hands on.
class Flights::Lead {
public:
    Lead(Flights& flights, std::shared_ptr<Flight> flight) noexcept
        : flights_(&flights),
          flight_(std::move(flight)) {}
    Lead(Lead&& other) noexcept : flights_(other.flights_), flight_(std::move(other.flight_)) {}
    Lead& operator=(Lead&& other) noexcept {
        std::swap(flights_, other.flights_);
        std::swap(flight_, other.flight_);
        return *this;
    }
    ~Lead();

    /// All who wait get it.
    void land(Shared item);
    /// All who wait throw it.
    void fail(std::exception_ptr error);
    /// It is not for others: each makes its own.
    void decline();

private:
    Flights* flights_;
    std::shared_ptr<Flight> flight_;
};

/// One of the three, or none: then it is not to be shared.
struct Flights::Landing {
    Shared item;
    std::exception_ptr error;
    std::optional<Lead> lead;  // whoever led has gone: make it
};

struct Flights::Boarding {
    std::optional<Lead> lead;
    std::shared_ptr<Flight> flight;
};

class Flights::Wait : runtime::StopCallback {
public:
    Wait(Flights& flights, std::shared_ptr<Flight> flight);
    Wait(const Wait&) = delete;
    ~Wait();

    bool await_ready() const noexcept { return false; }
    template <std::derived_from<runtime::PromiseBase> P>
    bool await_suspend(std::coroutine_handle<P> handle) {
        work_ = handle.promise().work;
        work_->check();
        return begin(handle);
    }
    Landing await_resume();

private:
    bool begin(runtime::Waiting handle);
    void give_up();

    Flights& flights_;
    std::shared_ptr<Flight> flight_;
    std::shared_ptr<Waiter> waiter_;
    runtime::Work* work_ = nullptr;
};

}  // namespace brio::cache
