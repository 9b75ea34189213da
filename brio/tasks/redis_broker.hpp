// Keeps tasks on a Redis 7, in the lists that Celery has: workers and producers in Python share its queues.
//
//     RedisBroker broker({.address = *redis::parse_url("redis://127.0.0.1/1")}, offload);
//
// What a program in Python pushes is unknown to status() and revoke() until it is taken here. Of what it
// takes itself, status() says what it wrote as the result. Priorities have four steps, as in Celery: 0 to 2,
// 3 to 5, 6 to 8, 9; within a step it is first come, first served. A message that no task can be made of ends
// in the dead set as "refused". redis_scripts.hpp says what is kept where.
//
// What one loop pushes at a time is one step (batcher.hpp), as is what a worker claims or settles.
//
// Idle workers sleep: Redis tells their loops when one of the keys changes that they looked at last
// (redis/key_watch.hpp), so that a program in Python which touches nothing but the lists wakes them too.
// Where Redis does not permit that, they look once in three milliseconds.
#pragma once
#include <map>
#include <mutex>

#include <brio/redis/client.hpp>
#include <brio/runtime/awaitables.hpp>
#include <brio/runtime/seats.hpp>
#include <brio/tasks/batcher.hpp>
#include <brio/tasks/broker.hpp>
#include <brio/tasks/clocks.hpp>
#include <brio/tasks/standstills.hpp>

namespace brio::tasks {

struct RedisBrokerOptions {
    redis::Address address;
    /// Queues of this program's tasks: what is not due waits in Redis, and a worker moves it to its queue in
    /// time. To others, which may have workers of Python's alone, it goes at once with its eta, as Celery has
    /// it. None: all are its own.
    std::optional<std::vector<std::string>> own_queues = {};
    std::chrono::milliseconds timeout{5000};  // of one step
    /// An idle worker looks again, should Redis not have told of a change.
    std::chrono::milliseconds net{500};
};

/// Destroyed while none of its loops runs; the offload pool ends before.
class RedisBroker final : public Broker {
public:
    RedisBroker(RedisBrokerOptions options, runtime::OffloadPool& offload, Clocks clocks = {});

    Async<void> push(std::vector<Message> messages) override;
    Async<Status> status(std::string id) override;
    Async<bool> revoke(std::string id) override;

    Async<std::vector<Claim>> claim(ClaimRequest request) override;
    Async<std::vector<bool>> settle(std::string worker, std::vector<Settlement> settlements) override;
    Async<void> report_progress(Held held, double progress, std::string words) override;
    Async<BeatAnswer> beat(const WorkerId& worker) override;
    Async<std::vector<Held>> held_by(std::string worker) override;
    Async<void> leave(std::string worker) override;
    Async<std::vector<Status>> recover(std::chrono::milliseconds lease, int most_deaths) override;
    Async<void> tell_death(std::vector<Held> held, std::string words) override;
    Async<std::vector<std::vector<PartEnd>>> join(std::vector<PartEnd> parts) override;
    Async<void> forget_group(std::string group) override;
    Async<void> bury(std::vector<Message> messages, std::string error) override;
    Async<void> wait(std::span<const std::string> queues, std::chrono::milliseconds most) override;

    Async<std::vector<QueueStatus>> queues() override;
    Async<std::vector<Status>> dead(DeadFilter filter) override;
    Async<std::uint64_t> retry_dead(std::vector<std::string> ids) override;
    Async<std::uint64_t> drop_dead(std::vector<std::string> ids) override;
    Async<std::vector<Status>> trim_dead(std::string queue, std::size_t kept, std::size_t most) override;
    Async<void> pause(std::string queue, bool paused) override;
    Async<std::uint64_t> purge(std::string queue) override;
    Async<std::vector<Status>> list(std::optional<State> state, std::size_t most) override;
    Async<std::uint64_t> sweep(std::size_t most) override;

    Async<bool> lead(std::string name, std::string holder, std::chrono::milliseconds lasts) override;
    Async<std::optional<std::string>> exchange(std::string key, std::optional<std::string> from,
                                               std::string to) override;

    std::size_t calls_at_a_time() const noexcept override { return 2; }
    Async<Durability> durability() override;
    std::string words() const override;
    void each_limit(const std::function<void(runtime::Limit&)>& visit) override;

private:
    using Words = std::vector<std::string>;
    struct Taken;
    /// What one loop hears of changes.
    struct Ear {
        Ear(redis::Client& client, runtime::Loop& loop);
        std::unique_ptr<redis::KeyWatch> watch;
        runtime::WaitList waiters;
        std::uint64_t changes = 0;
    };

    Async<void> push_now(std::vector<Message> messages);
    Async<void> tell_sizes(const std::vector<Message>& messages);
    /// That they are followed; gives which are revoked.
    Async<std::vector<bool>> note_followed(Words ids);
    Async<void> look_at_followed(std::vector<Claim>& claims);
    [[noreturn]] static void refuse(const redis::Failure& failure);
    Async<redis::Reply> ask(redis::Command command);
    Async<redis::Reply> run(const redis::Script& script, Words arguments);
    Async<std::vector<Held>> look_at(std::string worker, std::string looked);
    Async<std::vector<Claim>> adopt(std::string worker, std::vector<Taken> taken);
    Async<std::chrono::microseconds> look_for_due(Ear& ear, const Words& queues);
    static std::vector<Taken> read_taken(redis::Reply reply);
    Async<std::string> envelope_again(std::string worker, const Settlement& settlement);
    std::string now() const;

    static constexpr std::uint64_t most_waiting_pushes = 4096;

    const RedisBrokerOptions options_;
    const Clocks clocks_;
    redis::Client client_;
    std::mutex mutex_;
    Standstills workers_;  // guarded by mutex_
    Standstills leaders_;  // guarded by mutex_
    // The last fence there was when held_by() last looked at a worker; guarded by mutex_.
    std::map<std::string, std::string> looked_;
    runtime::Limit waiting_pushes_{"task_push_queue", most_waiting_pushes};
    runtime::Seats<Batcher> pushing_;
    runtime::Seats<Ear> ears_;
};

/// What is wrong with a Redis that keeps tasks, by its INFO and its setting appendfsync (empty: not known),
/// and what to do about it.
Durability durability_of(std::string_view info, std::string_view appendfsync);

}  // namespace brio::tasks
