// Who keeps tasks between those that push and those that work: a database, Redis, RabbitMQ.
//
// At least once: what push() has acknowledged is carried out or ends in the dead set, whatever dies
// meanwhile. A claim belongs to a worker, not to a time: workers beat, and what a worker held that has not
// beaten for the length of a lease, by the clock of who watches, goes back. Each claim has a number of its
// own (a fence): whoever settles with another one is refused, so that a worker that was taken for dead
// changes nothing.
//
// Everything comes in batches. Any loop may use a broker; the coroutines run on the caller's. All throw
// runtime::Unavailable when the broker cannot be reached, and Cancelled. broker_conformance.hpp holds every
// implementation to what stands here.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <brio/runtime/async.hpp>
#include <brio/runtime/limit.hpp>
#include <brio/tasks/message.hpp>

namespace brio::db {
class Db;
}

namespace brio::tasks {

/// How a worker names what it holds.
struct Held {
    std::string id;
    std::uint64_t fence = 0;
    friend auto operator<=>(const Held&, const Held&) = default;
};
/// A task that a worker holds.
struct Claim {
    Message message;
    std::uint64_t fence = 0;  // of this claim of the task
    bool is_revoked = false;  // not to be begun: to be settled so; of one that is followed
    Held held() const { return {message.id, fence}; }
};

/// What becomes of a claim. Settling is one step: the task is not lost and not carried out twice, whenever
/// the broker stops.
struct Settlement {
    enum class Outcome : std::uint8_t {
        done,      // with its result
        retried,   // failed; again at `due`
        failed,    // for good: into the dead set
        returned,  // not begun: back to where it was, uncounted
        expired,
        revoked,
    };
    Held held;
    Outcome outcome = Outcome::done;
    std::string result;  // JSON; of done
    std::string error;   // of retried and failed
    std::string error_type;
    Timestamp due{};  // of retried
    bool keeps_result = true;
    std::chrono::seconds result_lasts{3600};
};

/// The error_type of tasks that are dead as one before them failed (bury()).
inline constexpr std::string_view upstream = "upstream";

/// How a part of a group ended, all of which another task waits for.
struct PartEnd {
    std::string group;
    std::uint64_t size = 0;  // of the group; 0: as whoever pushed it told the broker (Celery, on Redis)
    std::int64_t index = 0;
    std::string id;
    bool is_done = false;
    std::string value;  // JSON: its result, or what Celery writes of an error
};

/// They go back to where they were, uncounted.
std::vector<Settlement> returned(const std::vector<Held>& held);

/// "done", "retried", …: a label of metrics.
std::string_view name_of(Settlement::Outcome outcome) noexcept;

/// One who claims.
struct WorkerId {
    std::string id;  // unique: a new one for each process
    std::string host;
    std::int32_t pid = 0;
};

struct ClaimRequest {
    std::string_view worker;
    std::span<const std::string> queues;  // in this order: all of the first before any of the second
    std::size_t most = 1;
};

/// What a beat brings back.
struct BeatAnswer {
    bool is_known = true;  // false: taken for dead; what it held has gone back. It needs a new id
    std::vector<std::string> cancelled;  // ids that it holds and that were revoked
};

struct QueueStatus {
    std::string name;
    std::uint64_t ready = 0;      // due and not held
    std::uint64_t scheduled = 0;  // not due yet
    std::uint64_t running = 0;
    std::uint64_t dead = 0;
    std::optional<Timestamp> oldest;  // when the one that has been ready longest became so
    bool is_paused = false;
};

struct DeadFilter {
    std::string queue;  // empty: of all
    std::string name;   // empty: of all
    std::size_t most = 100;
};

/// What the broker promises for what it has acknowledged.
struct Durability {
    bool is_durable = true;
    std::string words;  // what is wrong and what to do about it; empty: nothing
};

class Broker {
public:
    virtual ~Broker() = default;

    // Those who push.

    /// All of them or none. An id that is there already is not pushed again: its first message stays, unless
    /// that was buried and is so still.
    virtual Async<void> push(std::vector<Message> messages) = 0;
    /// The same as part of the transaction that `db` is in. Throws std::logic_error where the broker keeps
    /// its tasks elsewhere.
    virtual Async<void> push_within(db::Db db, std::vector<Message> messages);
    virtual Async<Status> status(std::string id) = 0;
    /// Before it begins: it never does. While it runs: its worker is told with the next beat, and it is not
    /// tried again, whatever becomes of this try. False when it has ended or is unknown. One that is followed
    /// is given to a worker as revoked, which ends it.
    virtual Async<bool> revoke(std::string id) = 0;

    // Those who work.

    /// What is due, of queues that are not paused; none: there is nothing. Within a queue lower priority
    /// numbers come first, then those that were due first, then the oldest. What has expired is not given: it
    /// ends so. A worker that has not beaten yet, or was taken for dead, gets nothing.
    virtual Async<std::vector<Claim>> claim(ClaimRequest request) = 0;
    /// Whether each was settled: not when its fence is another by now, or another worker holds it. A result
    /// that is not kept, by the settlement or the message, leaves nothing behind: the task is unknown then.
    virtual Async<std::vector<bool>> settle(std::string worker, std::vector<Settlement> settlements) = 0;
    virtual Async<void> report_progress(Held held, double progress, std::string words) = 0;
    /// Says that the worker lives; the first one makes it known.
    virtual Async<BeatAnswer> beat(const WorkerId& worker) = 0;
    /// What the worker has claimed and not settled, as the broker has it: also what a claim gave whose answer
    /// was lost.
    virtual Async<std::vector<Held>> held_by(std::string worker) = 0;
    /// The worker is about to end. What it still holds is ready again, nothing counted.
    virtual Async<void> leave(std::string worker) = 0;
    /// Looks at all workers, and takes back what those held that have not beaten for `lease` while this
    /// object looked: ready again with one death more, or dead after `most_deaths` unless it is followed.
    /// Gives what came back. To be called several times within a lease.
    virtual Async<std::vector<Status>> recover(std::chrono::milliseconds lease, int most_deaths) = 0;
    /// How the worker died that held these claims: stands as the error of each whose worker died, or is about
    /// to be found dead, and that nobody has claimed since.
    virtual Async<void> tell_death(std::vector<Held> held, std::string words) = 0;
    /// Keeps how parts of groups ended, for a day; of a part that is told again the last word counts. Gives
    /// for each part all of its group, in order, when by now all have ended, else none; of several parts of
    /// one group at least for the last. What ends last is told so, whoever else asks at the same time;
    /// several may be.
    virtual Async<std::vector<std::vector<PartEnd>>> join(std::vector<PartEnd> parts) = 0;
    /// Nothing of the group is kept any more.
    virtual Async<void> forget_group(std::string group) = 0;
    /// Tasks that will not be carried out, as what they depend on failed: into the dead set, with the error
    /// type `upstream` and these words. Those whose id is there already stay as they are.
    virtual Async<void> bury(std::vector<Message> messages, std::string error) = 0;
    /// Until there may be something to claim in these queues, at most `most`. Spurious ends are fine.
    virtual Async<void> wait(std::span<const std::string> queues, std::chrono::milliseconds most) = 0;

    // Those who look after it.

    virtual Async<std::vector<QueueStatus>> queues() = 0;
    virtual Async<std::vector<Status>> dead(DeadFilter filter) = 0;
    /// Ready again with nothing counted; gives how many.
    virtual Async<std::uint64_t> retry_dead(std::vector<std::string> ids) = 0;
    virtual Async<std::uint64_t> drop_dead(std::vector<std::string> ids) = 0;
    /// Drops those of the queue that have been dead for longest, until `kept` are left, at most `most`; gives
    /// them.
    virtual Async<std::vector<Status>> trim_dead(std::string queue, std::size_t kept, std::size_t most) = 0;
    virtual Async<void> pause(std::string queue, bool paused) = 0;
    /// Drops what waits in the queue, due or not, without a trace; gives how many.
    virtual Async<std::uint64_t> purge(std::string queue) = 0;
    /// Of the tasks that were pushed last, or are in this state.
    virtual Async<std::vector<Status>> list(std::optional<State> state, std::size_t most) = 0;
    /// Removes what ended and has expired, some at a time; gives how many. The dead stay until they are
    /// retried, dropped or trimmed.
    virtual Async<std::uint64_t> sweep(std::size_t most) = 0;

    /// For one holder at a time, over all processes: true while `holder` is it, for `lasts` from now on. The
    /// holder gives it up by a `lasts` of 0.
    virtual Async<bool> lead(std::string name, std::string holder, std::chrono::milliseconds lasts) = 0;
    /// Small values that all processes share, as when a schedule last fired: sets `to` if it is still `from`
    /// (none: absent), and gives what it is then.
    virtual Async<std::optional<std::string>> exchange(std::string key, std::optional<std::string> from,
                                                       std::string to) = 0;

    /// Claims and settlements that a loop best has under way, each: more than one where the broker works
    /// while the loop reads what it gave.
    virtual std::size_t calls_at_a_time() const noexcept { return 1; }

    /// What it has to do besides, in a process that stays: ends when it is cancelled, without an exception,
    /// or at once where there is nothing of the kind.
    virtual Async<void> keep();

    virtual Async<Durability> durability() = 0;
    virtual std::string words() const = 0;  // "SQLite shop.db", "Redis 127.0.0.1:6379/1"
    virtual void each_limit(const std::function<void(runtime::Limit&)>& visit) = 0;
};

}  // namespace brio::tasks
