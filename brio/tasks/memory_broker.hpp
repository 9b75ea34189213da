// Test-only: a broker that keeps its tasks in memory, for tests of whoever uses a broker.
//
//     MemoryStore store;
//     MemoryBroker broker(store);                       // another one on the same store is another process
//     MemoryBroker on_time(store, {.monotonic = …});    // time moved by hand
#pragma once
#include <mutex>

#include <brio/runtime/awaitables.hpp>
#include <brio/runtime/errors.hpp>
#include <brio/runtime/scope.hpp>
#include <brio/tasks/bell.hpp>
#include <brio/tasks/clocks.hpp>
#include <brio/tasks/memory_tasks.hpp>

namespace brio::tasks::test {

/// What several brokers share. Any thread.
struct MemoryStore {
    struct Leader {
        std::string holder;
        std::uint64_t renewals = 0;
        std::chrono::milliseconds lasts{0};
    };
    std::mutex mutex;
    MemoryTasks tasks;                          // guarded by mutex
    std::map<std::string, Leader> leaders;      // guarded by mutex
    std::map<std::string, std::string> values;  // guarded by mutex
    Bell bell;
    /// Tests set it: every call throws Unavailable while it is.
    std::atomic<bool> is_away{false};
    /// Tests set it: a claim is made, and throws Unavailable all the same.
    std::atomic<bool> loses_claims{false};
    std::atomic<int> beats_take_ms{0};
};

class MemoryBroker final : public Broker {
public:
    explicit MemoryBroker(MemoryStore& store, Clocks clocks = {})
        : store_(store),
          clocks_(std::move(clocks)) {}

    Async<void> push(std::vector<Message> messages) override {
        {
            const auto lock = open();
            store_.tasks.push(messages, clocks_.wall());
        }
        store_.bell.ring();
        co_return;
    }
    Async<Status> status(std::string id) override {
        const auto lock = open();
        co_return store_.tasks.status(id, clocks_.wall());
    }
    Async<bool> revoke(std::string id) override {
        const auto lock = open();
        co_return store_.tasks.revoke(id, clocks_.wall());
    }

    Async<std::vector<Claim>> claim(ClaimRequest request) override {
        store_.bell.look(*(co_await runtime::current_work).loop);
        const auto lock = open();
        auto claims = store_.tasks.claim(request, clocks_.wall());
        if (store_.loses_claims) {
            throw runtime::Unavailable("the answer was lost");
        }
        co_return claims;
    }
    Async<std::vector<bool>> settle(std::string worker, std::vector<Settlement> settlements) override {
        std::vector<bool> settled;
        {
            const auto lock = open();
            settled = store_.tasks.settle(worker, settlements, clocks_.wall());
        }
        store_.bell.ring();
        co_return settled;
    }
    Async<void> report_progress(Held held, double progress, std::string words) override {
        const auto lock = open();
        store_.tasks.report_progress(held, progress, std::move(words));
        co_return;
    }
    Async<BeatAnswer> beat(const WorkerId& worker) override {
        if (store_.beats_take_ms != 0) {  // whatever becomes of the caller, as a database's statement
            runtime::Scope scope(*(co_await runtime::current_work).loop);
            scope.start([](int ms) -> Async<void> {
                co_await runtime::sleep_for(std::chrono::milliseconds(ms));
            }(store_.beats_take_ms));
            co_await scope.join();
        }
        const auto lock = open();
        co_return store_.tasks.beat(worker.id);
    }
    Async<std::vector<Held>> held_by(std::string worker) override {
        const auto lock = open();
        co_return store_.tasks.held_by(worker);
    }
    Async<void> leave(std::string worker) override {
        const auto lock = open();
        store_.tasks.leave(worker, clocks_.wall());
        co_return;
    }
    Async<std::vector<Status>> recover(std::chrono::milliseconds lease, int most_deaths) override {
        std::vector<Status> back;
        {
            const auto lock = open();
            back = store_.tasks.recover(watch_, clocks_.monotonic(), lease, most_deaths, clocks_.wall());
        }
        store_.bell.ring();
        co_return back;
    }
    Async<void> tell_death(std::vector<Held> held, std::string words) override {
        const auto lock = open();
        store_.tasks.tell_death(held, words);
        co_return;
    }
    Async<std::vector<std::vector<PartEnd>>> join(std::vector<PartEnd> parts) override {
        const auto lock = open();
        co_return store_.tasks.join(parts);
    }
    Async<void> forget_group(std::string group) override {
        const auto lock = open();
        store_.tasks.forget_group(group);
        co_return;
    }
    Async<void> bury(std::vector<Message> messages, std::string error) override {
        const auto lock = open();
        store_.tasks.bury(messages, error, clocks_.wall());
        co_return;
    }
    Async<void> wait(std::span<const std::string>, std::chrono::milliseconds most) override {
        return store_.bell.wait(most);
    }

    Async<std::vector<QueueStatus>> queues() override {
        const auto lock = open();
        co_return store_.tasks.queues(clocks_.wall());
    }
    Async<std::vector<Status>> dead(DeadFilter filter) override {
        const auto lock = open();
        co_return store_.tasks.dead(filter);
    }
    Async<std::uint64_t> retry_dead(std::vector<std::string> ids) override {
        std::uint64_t count = 0;
        {
            const auto lock = open();
            count = store_.tasks.retry_dead(ids, clocks_.wall());
        }
        store_.bell.ring();
        co_return count;
    }
    Async<std::uint64_t> drop_dead(std::vector<std::string> ids) override {
        const auto lock = open();
        co_return store_.tasks.drop_dead(ids);
    }
    Async<std::vector<Status>> trim_dead(std::string queue, std::size_t kept, std::size_t most) override {
        const auto lock = open();
        co_return store_.tasks.trim_dead(queue, kept, most);
    }
    Async<void> pause(std::string queue, bool paused) override {
        {
            const auto lock = open();
            store_.tasks.pause(queue, paused);
        }
        store_.bell.ring();
        co_return;
    }
    Async<std::uint64_t> purge(std::string queue) override {
        const auto lock = open();
        co_return store_.tasks.purge(queue);
    }
    Async<std::vector<Status>> list(std::optional<State> state, std::size_t most) override {
        const auto lock = open();
        co_return store_.tasks.list(state, most, clocks_.wall());
    }
    Async<std::uint64_t> sweep(std::size_t most) override {
        const auto lock = open();
        co_return store_.tasks.sweep(most, clocks_.wall());
    }

    Async<bool> lead(std::string name, std::string holder, std::chrono::milliseconds lasts) override {
        const auto lock = open();
        auto& leader = store_.leaders[name];
        const auto still = leading_.of(name, leader.renewals, clocks_.monotonic());
        if (leader.holder != holder && !leader.holder.empty() && still < leader.lasts) {
            co_return false;
        }
        leader = {holder, leader.renewals + 1, lasts};
        co_return true;
    }
    Async<std::optional<std::string>> exchange(std::string key, std::optional<std::string> from,
                                               std::string to) override {
        const auto lock = open();
        const auto found = store_.values.find(key);
        const auto now =
            found == store_.values.end() ? std::nullopt : std::optional<std::string>(found->second);
        if (now == from) {
            store_.values[key] = to;
            co_return to;
        }
        co_return now;
    }

    std::size_t calls_at_a_time() const noexcept override { return 2; }
    Async<Durability> durability() override {
        co_return Durability{.is_durable = false, .words = "tasks in memory end with their process"};
    }
    std::string words() const override { return "memory"; }
    void each_limit(const std::function<void(runtime::Limit&)>&) override {}

private:
    std::unique_lock<std::mutex> open() {
        if (store_.is_away) {
            throw runtime::Unavailable("memory is away");
        }
        return std::unique_lock(store_.mutex);
    }

    MemoryStore& store_;
    const Clocks clocks_;
    Standstills watch_;    // guarded by the store's mutex
    Standstills leading_;  // guarded by the store's mutex
};

}  // namespace brio::tasks::test
