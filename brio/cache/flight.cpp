#include <brio/cache/flight.hpp>

#include <algorithm>
#include <deque>

#include <brio/runtime/errors.hpp>

namespace brio::cache {

struct Flights::Flight {
    explicit Flight(const KeyView& its_key) : key(std::string(its_key.bytes)), hash(its_key.hash) {}
    const std::string key;
    const KeyHash hash;
    // Guarded by the flights' mutex:
    std::deque<std::shared_ptr<Waiter>> waiting;
    bool has_landed = false;
    Shared item;
    std::exception_ptr error;
};

/// Shared by the coroutine that waits and whoever lands, on their threads.
struct Flights::Waiter : runtime::Posted {
    Waiter(Flights& its_flights, runtime::Loop& its_loop)
        : Posted([](Posted& posted) { static_cast<Waiter&>(posted).arrive(); }),
          flights(its_flights),
          loop(its_loop) {}

    void arrive() {
        const auto self = flights.arrived(*this);
        if (handle) {
            std::exchange(handle, {}).resume();
        }
        // Nobody is left to take the lead: it is handed on with this waiter's end.
    }

    Flights& flights;
    runtime::Loop& loop;
    runtime::Waiting handle;  // of the loop's thread; empty once it goes on
    Landing landing;          // written before it is sent
};

Flights::~Flights() {
    while (
        !on_their_way_.empty()) {  // to loops that have ended; one may hold a lead, which goes on to the next
        const auto lost = std::exchange(on_their_way_, {});
    }
    expect(flights_.empty(), "nobody makes or waits for what is cached any more");
}

Flights::Boarding Flights::board(const KeyView& key) {
    const std::scoped_lock lock(mutex_);
    const auto found = flights_.find(key.hash);
    if (found != flights_.end() && found->second->key == key.bytes) {
        return {.lead = std::nullopt, .flight = found->second};
    }
    auto flight = std::make_shared<Flight>(key);
    if (found == flights_.end()) {  // else it flies alone: another key with the same hash is under way
        flights_.emplace(key.hash, flight);
    }
    return {.lead = Lead(*this, flight), .flight = flight};
}

bool Flights::is_under_way(const KeyView& key) {
    const std::scoped_lock lock(mutex_);
    const auto found = flights_.find(key.hash);
    return found != flights_.end() && found->second->key == key.bytes;
}

Flights::Wait Flights::wait(const Boarding& boarding) { return Wait(*this, boarding.flight); }

/// Under the lock.
void Flights::forget(const Flight& flight) {
    const auto found = flights_.find(flight.hash);
    if (found != flights_.end() && found->second.get() == &flight) {
        flights_.erase(found);
    }
}

/// Under the lock.
void Flights::send(std::shared_ptr<Waiter> waiter) {
    Waiter& sent = *waiter;
    on_their_way_.emplace(&sent, std::move(waiter));
    sent.loop.post(sent);
}

std::shared_ptr<Flights::Waiter> Flights::arrived(const Waiter& waiter) {
    const std::scoped_lock lock(mutex_);
    const auto found = on_their_way_.find(&waiter);
    auto arrived = std::move(found->second);
    on_their_way_.erase(found);
    return arrived;
}

void Flights::land(Flight& flight, Shared item, std::exception_ptr error) {
    const std::scoped_lock lock(mutex_);
    flight.has_landed = true;
    flight.item = item;
    flight.error = error;
    forget(flight);
    for (auto& waiter : flight.waiting) {
        waiter->landing.item = item;
        waiter->landing.error = error;
        send(std::move(waiter));
    }
    flight.waiting.clear();
}

void Flights::hand_on(const std::shared_ptr<Flight>& flight) {
    const std::scoped_lock lock(mutex_);
    if (flight->waiting.empty()) {
        flight->has_landed = true;
        forget(*flight);
        return;
    }
    auto next = std::move(flight->waiting.front());
    flight->waiting.pop_front();
    next->landing.lead.emplace(*this, flight);
    send(std::move(next));
}

void Flights::leave(Flight& flight, const Waiter& waiter) {
    const std::scoped_lock lock(mutex_);
    std::erase_if(flight.waiting, [&](const auto& each) { return each.get() == &waiter; });
}

// -- who makes it --

Flights::Lead::~Lead() {
    if (flight_ != nullptr) {
        flights_->hand_on(flight_);
    }
}

void Flights::Lead::land(Shared item) {
    flights_->land(*flight_, std::move(item), nullptr);
    flight_.reset();
}

void Flights::Lead::fail(std::exception_ptr error) {
    flights_->land(*flight_, nullptr, std::move(error));
    flight_.reset();
}

void Flights::Lead::decline() {
    flights_->land(*flight_, nullptr, nullptr);
    flight_.reset();
}

// -- who waits --

Flights::Wait::Wait(Flights& flights, std::shared_ptr<Flight> flight)
    : StopCallback([](StopCallback& stop, runtime::StopReason) { static_cast<Wait&>(stop).give_up(); }),
      flights_(flights),
      flight_(std::move(flight)) {}

Flights::Wait::~Wait() {
    if (waiter_ != nullptr && waiter_->handle) {  // destroyed while it waits
        waiter_->handle = {};
        flights_.leave(*flight_, *waiter_);
    }
    if (waiter_ != nullptr) {
        flights_.waiting_.give_back();
    }
}

bool Flights::Wait::begin(runtime::Waiting handle) {
    if (!flights_.waiting_.try_take()) {
        throw runtime::Overloaded(flights_.waiting_.name());
    }
    waiter_ = std::make_shared<Waiter>(flights_, *work_->loop);
    waiter_->handle = handle;
    {
        const std::scoped_lock lock(flights_.mutex_);
        if (flight_->has_landed) {
            waiter_->handle = {};
            waiter_->landing.item = flight_->item;
            waiter_->landing.error = flight_->error;
            return false;
        }
        flight_->waiting.push_back(waiter_);
    }
    work_->on_stop(*this);
    return true;
}

void Flights::Wait::give_up() {
    flights_.leave(*flight_, *waiter_);
    std::exchange(waiter_->handle, {}).resume();
}

Flights::Landing Flights::Wait::await_resume() {
    leave();
    work_->check();  // a lead that arrived meanwhile is handed on when the waiter ends
    return std::move(waiter_->landing);
}

}  // namespace brio::cache
