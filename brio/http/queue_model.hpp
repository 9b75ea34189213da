// Test-only: requests of one route that wait for a few servers in the order in which they came, on a clock of
// its own, behind a Gate. Randomness is seeded.
#pragma once
#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <limits>
#include <queue>
#include <random>
#include <vector>

#include <brio/http/gate.hpp>

namespace brio::http::test {

using Nanoseconds = std::chrono::nanoseconds;

struct Tally {
    std::uint64_t asked = 0;
    std::uint64_t refused = 0;
    std::uint64_t withdrawn = 0;
    std::vector<Nanoseconds> took;  // of those answered within the deadline
    std::uint64_t late = 0;         // ended by it

    double share_refused() const { return static_cast<double>(refused) / static_cast<double>(asked); }
    Nanoseconds quantile(double q) {
        std::ranges::sort(took);
        return took.empty() ? Nanoseconds(0)
                            : took[static_cast<std::size_t>(q * static_cast<double>(took.size() - 1))];
    }
};

/// `servers` take `service` each; more wait. Any number of gates may stand before them.
class QueueModel {
public:
    QueueModel(std::size_t servers, Nanoseconds service) : service_(service), free_(servers) {}

    /// Asks every 1/rate, or at random with that mean, until `end`; then what is under way still ends. Over
    /// so many connections: while all have a request under way, none is sent.
    void offer(Gate& gate, Tally& tally, double rate, Nanoseconds end, bool at_random = false,
               std::uint64_t connections = std::numeric_limits<std::uint64_t>::max()) {
        sources_.push_back({&gate, &tally, rate, end, at_random, connections});
        at(now_, [this, i = sources_.size() - 1] { ask_again(i); });
    }
    /// So many clients that ask again as soon as they have been answered, refused or not.
    void clients(Gate& gate, Tally& tally, std::size_t count, Nanoseconds end) {
        for (std::size_t i = 0; i < count; ++i) {
            at(now_, [this, &gate, &tally, end] { ask(gate, tally, end); });
        }
    }
    void at(Nanoseconds time, std::function<void()> what) { events_.push({time, ++order_, std::move(what)}); }
    void run_until(Nanoseconds end) {
        while (!events_.empty() && events_.top().time <= end) {
            auto const event = events_.top();
            events_.pop();
            now_ = std::max(now_, event.time);
            event.what();
        }
        now_ = std::max(now_, end);
    }
    /// The machine stands still: what was due meanwhile happens after it.
    void stall(Nanoseconds time) { now_ += time; }
    void set_service(Nanoseconds service) { service_ = service; }
    void set_servers(std::size_t count) { free_ = count; }  // while none is at work
    Nanoseconds now() const { return now_; }
    std::size_t waiting() const { return waiting_.size(); }

private:
    static constexpr Nanoseconds deadline = std::chrono::seconds(2);
    struct Event {
        Nanoseconds time;
        std::uint64_t order;
        std::function<void()> what;
        bool operator<(const Event& other) const {
            return std::pair(time, order) > std::pair(other.time, other.order);
        }
    };
    struct Source {
        Gate* gate;
        Tally* tally;
        double rate;
        Nanoseconds end;
        bool at_random;
        std::uint64_t connections;
    };
    struct Request {
        Gate* gate;
        Tally* tally;
        Nanoseconds began;
        Nanoseconds asks_again_until;
    };

    void ask_again(std::size_t i) {
        auto const source = sources_[i];
        if (now_ >= source.end) {
            return;
        }
        if (source.gate->in_flight() < source.connections) {
            ask(*source.gate, *source.tally, Nanoseconds(0));
        }
        auto const gap =
            source.at_random ? std::exponential_distribution<double>(source.rate)(random_) : 1 / source.rate;
        at(now_ + Nanoseconds(static_cast<std::int64_t>(gap * 1e9)), [this, i] { ask_again(i); });
    }
    void ask(Gate& gate, Tally& tally, Nanoseconds again_until) {
        ++tally.asked;
        if (!gate.admits()) {
            ++tally.refused;
            gate.refuse(now_);
            withdraw(gate);
            if (again_until > now_) {
                at(now_ + std::chrono::milliseconds(1),
                   [this, &gate, &tally, again_until] { ask(gate, tally, again_until); });
            }
            return;
        }
        gate.enter(now_);
        waiting_.push_back({&gate, &tally, now_, again_until});
        serve();
    }
    // As a server does: the youngest of those that should not be there.
    void withdraw(Gate& gate) {
        for (auto left = gate.surplus(); left > 0 && !waiting_.empty(); --left) {
            auto const found = std::ranges::find(waiting_.rbegin(), waiting_.rend(), &gate, &Request::gate);
            if (found == waiting_.rend()) {
                return;
            }
            ++found->tally->withdrawn;
            end(*found, Gate::End::not_judged);
            waiting_.erase(std::next(found).base());
        }
    }
    void serve() {
        while (free_ > 0 && !waiting_.empty()) {
            auto const request = waiting_.front();
            waiting_.pop_front();
            if (now_ - request.began >= deadline) {
                ++request.tally->late;
                end(request, Gate::End::by_deadline);
                continue;
            }
            --free_;
            at(now_ + service_, [this, request] {
                ++free_;
                request.tally->took.push_back(now_ - request.began);
                end(request, Gate::End::well);
                serve();
            });
        }
    }
    void end(const Request& request, Gate::End how) {
        request.gate->leave({.began = request.began, .now = now_, .how = how, .ledger = ledger_});
        if (request.asks_again_until > now_) {
            at(now_, [this, request] { ask(*request.gate, *request.tally, request.asks_again_until); });
        }
    }

    Nanoseconds now_ = std::chrono::seconds(1000);
    Nanoseconds service_;
    std::size_t free_;
    std::uint64_t order_ = 0;
    std::priority_queue<Event> events_;
    std::deque<Request> waiting_;
    std::vector<Source> sources_;
    ledger::Ledger ledger_ = [] {
        ledger::Ledger made;
        made.add_before(ledger::Phase::offload, 1);
        return made;
    }();
    std::mt19937_64 random_{20261126};
};

}  // namespace brio::http::test
