// Test-only: what broker.hpp promises as a state machine without any I/O: the model of every broker. Time
// comes in as arguments.
#pragma once
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <brio/tasks/broker.hpp>
#include <brio/tasks/standstills.hpp>

namespace brio::tasks::test {

class MemoryTasks {
public:
    struct Task {
        Message message;
        State state = State::pending;
        Timestamp due{};
        std::uint64_t age = 0;  // the lower, the longer there
        std::uint64_t fence = 0;
        std::string worker;  // who holds it; empty: nobody
        bool is_revoked = false;
        Status told{};                   // what it said, its result, its error, when it began and ended
        std::optional<Timestamp> until;  // forgotten then
    };

    void push(const std::vector<Message>& messages, Timestamp now) {
        for (const Message& each : messages) {
            if (const auto found = tasks_.find(each.id);
                found != tasks_.end() && !is_forgotten(found->second, now) && !is_buried(found->second)) {
                continue;
            }
            Task task{.message = each, .due = each.due.value_or(now), .age = ++ages_};
            task.state = each.failures > 0 ? State::retrying : State::pending;
            wait(tasks_[each.id] = std::move(task));
        }
    }

    Status status(const std::string& id, Timestamp now) const {
        const auto found = tasks_.find(id);
        return found == tasks_.end() || is_forgotten(found->second, now) ? Status{.id = id}
                                                                         : status_of(found->second);
    }

    bool revoke(const std::string& id, Timestamp now) {
        const auto found = tasks_.find(id);
        if (found == tasks_.end() || is_final(found->second.state)) {
            return false;
        }
        Task& task = found->second;
        task.is_revoked = true;
        if (task.state != State::running) {
            stop_waiting(task);
            if (task.message.is_followed()) {
                task.due = std::min(task.due, now);
                wait(task);
            } else {
                end(task, State::revoked, now, std::chrono::hours(1));
            }
        }
        return true;
    }

    std::vector<Claim> claim(const ClaimRequest& request, Timestamp now) {
        std::vector<Claim> claims;
        if (!is_alive(request.worker)) {
            return claims;
        }
        for (const std::string& queue : request.queues) {
            while (!paused_.contains(queue) && claims.size() < request.most) {
                Task* const task = first_due(queue, now);
                if (task == nullptr) {
                    break;
                }
                stop_waiting(*task);
                if (!task->message.is_followed() && task->message.expires && *task->message.expires < now) {
                    end(*task, State::expired, now, std::chrono::hours(1));
                    continue;
                }
                task->state = State::running;
                task->worker = request.worker;
                task->fence = ++fences_;
                task->told.begun_at = now;
                claims.push_back({task->message, task->fence, task->is_revoked});
            }
        }
        return claims;
    }

    std::vector<bool> settle(std::string_view worker, const std::vector<Settlement>& all, Timestamp now) {
        std::vector<bool> settled;
        for (const Settlement& each : all) {
            Task* const task = held(each.held);
            settled.push_back(task != nullptr && task->worker == worker);
            if (settled.back()) {
                settle(*task, each, now);
            }
        }
        return settled;
    }

    void report_progress(const Held& of, double progress, std::string words) {
        if (Task* const task = held(of); task != nullptr) {
            task->told.progress = progress;
            task->told.progress_words = std::move(words);
        }
    }

    BeatAnswer beat(const std::string& worker) {
        BeatAnswer answer;
        auto& known = workers_[worker];
        answer.is_known = !known.is_dead;
        ++known.beats;
        for (const auto& [id, task] : tasks_) {
            if (task.is_revoked && task.state == State::running && task.worker == worker) {
                answer.cancelled.push_back(id);
            }
        }
        return answer;
    }

    std::vector<Held> held_by(std::string_view worker) const {
        std::vector<Held> held;
        for (const auto& [id, task] : tasks_) {
            if (task.state == State::running && task.worker == worker) {
                held.push_back({id, task.fence});
            }
        }
        return held;
    }
    void leave(const std::string& worker, Timestamp now) {
        settle(worker, returned(held_by(worker)), now);
        workers_.erase(worker);
    }

    /// What `watch` sees of the workers decides.
    std::vector<Status> recover(Standstills& watch, std::chrono::nanoseconds monotonic,
                                std::chrono::milliseconds lease, int most_deaths, Timestamp now) {
        std::vector<Status> back;
        for (auto& [id, worker] : workers_) {
            if (!worker.is_dead && watch.of(id, worker.beats, monotonic, lease / 3) >= lease) {
                worker.is_dead = true;
                take_back(id, most_deaths, now, back);
            }
        }
        watch.forget_before(monotonic);
        return back;
    }

    void tell_death(const std::vector<Held>& all, const std::string& words) {
        for (const Held& each : all) {
            const auto found = tasks_.find(each.id);
            if (found == tasks_.end() || found->second.fence != each.fence) {
                continue;
            }
            Task& task = found->second;
            const bool died =
                task.told.error_type == "death" && (is_waiting(task) || task.state == State::failed);
            if (died || task.state == State::running) {
                task.told.error = words;
                task.told.error_type = "death";
            }
        }
    }

    std::vector<std::vector<PartEnd>> join(const std::vector<PartEnd>& parts) {
        for (const PartEnd& each : parts) {
            groups_[each.group][each.index] = each;
        }
        std::vector<std::vector<PartEnd>> all;
        for (const PartEnd& each : parts) {
            const auto& group = groups_[each.group];
            auto& given = all.emplace_back();
            if (each.size > 0 && group.size() >= each.size) {
                for (const auto& [index, part] : group) {
                    given.push_back(part);
                }
            }
        }
        return all;
    }
    void forget_group(const std::string& group) { groups_.erase(group); }
    void bury(const std::vector<Message>& messages, const std::string& error, Timestamp now) {
        for (const Message& each : messages) {
            const auto found = tasks_.find(each.id);
            if (found != tasks_.end() && !is_forgotten(found->second, now)) {
                continue;
            }
            Task& task = tasks_[each.id] = {.message = each, .due = now, .age = ++ages_};
            task.told.error_type = upstream;
            task.told.error = error;
            end(task, State::failed, now, {});
        }
    }

    std::vector<QueueStatus> queues(Timestamp now) const {
        std::map<std::string, QueueStatus> found;
        for (const std::string& each : paused_) {
            found[each].is_paused = true;
        }
        for (const auto& [id, task] : tasks_) {
            QueueStatus& queue = found[task.message.queue];
            queue.running += task.state == State::running ? 1 : 0;
            queue.dead += task.state == State::failed ? 1 : 0;
            if (is_waiting(task)) {
                ++(task.due <= now ? queue.ready : queue.scheduled);
                if (task.due <= now) {
                    queue.oldest = std::min(queue.oldest.value_or(task.due), task.due);
                }
            }
        }
        std::vector<QueueStatus> all;
        for (auto& [name, queue] : found) {
            queue.name = name;
            all.push_back(std::move(queue));
        }
        return all;
    }

    std::vector<Status> dead(const DeadFilter& filter) const {
        return newest(filter.most, [&](const Task& task) {
            return task.state == State::failed &&
                   (filter.queue.empty() || filter.queue == task.message.queue) &&
                   (filter.name.empty() || filter.name == task.message.name);
        });
    }
    std::uint64_t retry_dead(const std::vector<std::string>& ids, Timestamp now) {
        std::uint64_t count = 0;
        for (const std::string& id : ids) {
            const auto found = tasks_.find(id);
            if (found != tasks_.end() && found->second.state == State::failed) {
                Task& task = found->second;
                task.message.failures = task.message.deaths = 0;
                task.message.due = std::nullopt;
                task.due = now;
                task.state = State::pending;
                task.is_revoked = false;
                task.told = {};
                wait(task);
                ++count;
            }
        }
        return count;
    }
    std::uint64_t drop_dead(const std::vector<std::string>& ids) {
        std::uint64_t count = 0;
        for (const std::string& id : ids) {
            const auto found = tasks_.find(id);
            if (found != tasks_.end() && found->second.state == State::failed) {
                tasks_.erase(found);
                ++count;
            }
        }
        return count;
    }

    std::vector<Status> trim_dead(const std::string& queue, std::size_t kept, std::size_t most) {
        std::multimap<std::optional<Timestamp>, Status> dead;  // by when they died
        for (const Status& each : this->dead({.queue = queue, .most = SIZE_MAX})) {
            dead.emplace(each.ended_at, each);
        }
        std::vector<Status> dropped;
        for (auto at = dead.begin();
             at != dead.end() && dropped.size() < most && dead.size() - dropped.size() > kept; ++at) {
            dropped.push_back(at->second);
            tasks_.erase(at->second.id);
        }
        return dropped;
    }

    void pause(const std::string& queue, bool paused) {
        paused ? (void)paused_.insert(queue) : (void)paused_.erase(queue);
    }
    std::uint64_t purge(const std::string& queue) {
        std::uint64_t count = 0;
        for (const Place& each : std::exchange(waiting_[queue], {})) {
            count += tasks_.erase(std::get<std::string>(each));
        }
        return count;
    }

    std::vector<Status> list(std::optional<State> state, std::size_t most, Timestamp now) const {
        return newest(most, [&](const Task& task) {
            return !is_forgotten(task, now) && (!state || task.state == *state);
        });
    }
    std::uint64_t sweep(std::size_t most, Timestamp now) {
        std::uint64_t count = 0;
        return std::erase_if(
            tasks_, [&](const auto& each) { return is_forgotten(each.second, now) && ++count <= most; });
    }

    const std::map<std::string, Task>& tasks() const noexcept { return tasks_; }
    bool is_alive(std::string_view worker) const {
        const auto found = workers_.find(worker);
        return found != workers_.end() && !found->second.is_dead;
    }

private:
    struct Worker {
        std::uint64_t beats = 0;
        bool is_dead = false;
    };
    using Place = std::tuple<std::uint8_t, Timestamp, std::uint64_t, std::string>;

    static Place place_of(const Task& task) {
        return {task.message.priority, task.due, task.age, task.message.id};
    }
    static bool is_waiting(const Task& task) {
        return task.state == State::pending || task.state == State::retrying;
    }
    static bool is_forgotten(const Task& task, Timestamp now) { return task.until && *task.until <= now; }
    static bool is_buried(const Task& task) {
        return task.state == State::failed && task.told.error_type == upstream;
    }
    void wait(const Task& task) { waiting_[task.message.queue].insert(place_of(task)); }
    void stop_waiting(const Task& task) { waiting_[task.message.queue].erase(place_of(task)); }

    Task* held(const Held& of) {
        const auto found = tasks_.find(of.id);
        return found != tasks_.end() && found->second.state == State::running &&
                       found->second.fence == of.fence
                   ? &found->second
                   : nullptr;
    }

    Task* first_due(const std::string& queue, Timestamp now) {
        const auto& places = waiting_[queue];
        for (auto at = places.begin(); at != places.end();) {
            if (std::get<Timestamp>(*at) <= now) {
                return &tasks_.at(std::get<std::string>(*at));
            }
            const auto priority = std::get<std::uint8_t>(*at);
            at = priority == UINT8_MAX ? places.end()
                                       : places.lower_bound({static_cast<std::uint8_t>(priority + 1),
                                                             Timestamp(INT64_MIN), 0, ""});
        }
        return nullptr;
    }

    static void end(Task& task, State state, Timestamp now, std::optional<std::chrono::seconds> lasts) {
        task.state = state;
        task.worker.clear();
        task.told.ended_at = now;
        if (lasts) {
            task.until = Timestamp(now.microseconds + std::chrono::microseconds(*lasts).count());
        }
    }

    void settle(Task& task, const Settlement& how, Timestamp now) {
        using Outcome = Settlement::Outcome;
        if (how.outcome != Outcome::returned) {
            task.told.error = how.error;
            task.told.error_type = how.error_type;
        }
        const bool goes_back = how.outcome == Outcome::retried || how.outcome == Outcome::returned;
        if (goes_back && task.is_revoked && !task.message.is_followed()) {
            end(task, State::revoked, now, how.result_lasts);
            return;
        }
        switch (how.outcome) {
            case Outcome::done:
                if (!how.keeps_result || task.message.ignores_result) {
                    tasks_.erase(task.message.id);
                    return;
                }
                task.told.result = how.result;
                return end(task, State::done, now, how.result_lasts);
            case Outcome::failed: ++task.message.failures; return end(task, State::failed, now, {});
            case Outcome::expired: return end(task, State::expired, now, how.result_lasts);
            case Outcome::revoked: return end(task, State::revoked, now, how.result_lasts);
            case Outcome::retried:
                ++task.message.failures;
                task.message.due = how.due;
                task.due = how.due;
                break;
            case Outcome::returned: break;
        }
        go_back(task);
    }
    void go_back(Task& task) {
        task.state = task.message.failures > 0 ? State::retrying : State::pending;
        task.worker.clear();
        wait(task);
    }

    void take_back(std::string_view worker, int most_deaths, Timestamp now, std::vector<Status>& back) {
        for (auto& [id, task] : tasks_) {
            if (task.state != State::running || task.worker != worker) {
                continue;
            }
            ++task.message.deaths;
            if (task.told.error_type != "death") {  // else it is known how
                task.told.error = "its worker died";
                task.told.error_type = "death";
            }
            if (task.message.is_followed()) {
                go_back(task);
            } else if (task.is_revoked) {
                end(task, State::revoked, now, std::chrono::hours(1));
            } else if (task.message.deaths >= most_deaths) {
                end(task, State::failed, now, {});
            } else {
                go_back(task);
            }
            back.push_back(status_of(task));
        }
    }

    static Status status_of(const Task& task) {
        Status status = task.told;
        status.state = task.state;
        status.id = task.message.id;
        status.name = task.message.name;
        status.queue = task.message.queue;
        status.failures = task.message.failures;
        status.deaths = task.message.deaths;
        status.pushed_at = task.message.pushed_at;
        status.due = task.due;
        return status;
    }
    template <class Wanted>
    std::vector<Status> newest(std::size_t most, Wanted wanted) const {
        std::map<std::uint64_t, const Task*, std::greater<>> found;
        for (const auto& [id, task] : tasks_) {
            if (wanted(task)) {
                found.emplace(task.age, &task);
            }
        }
        std::vector<Status> all;
        for (const auto& [age, task] : found) {
            if (all.size() < most) {
                all.push_back(status_of(*task));
            }
        }
        return all;
    }

    std::map<std::string, Task> tasks_;
    std::map<std::string, std::set<Place>> waiting_;  // by queue
    std::map<std::string, std::map<std::int64_t, PartEnd>> groups_;
    std::map<std::string, Worker, std::less<>> workers_;
    std::set<std::string> paused_;
    std::uint64_t ages_ = 0;
    std::uint64_t fences_ = 0;
};

}  // namespace brio::tasks::test
