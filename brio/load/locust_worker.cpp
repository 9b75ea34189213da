#include <brio/load/locust_worker.hpp>

#include <algorithm>
#include <utility>

#include <brio/base/text.hpp>

namespace brio::load::locust {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t most_unknown = 100;  // user classes that are spoken of

std::string text_of(const std::set<std::string>& names) {
    std::string text;
    for (const std::string& each : names) {
        text += concat({text.empty() ? "" : ", ", each});
    }
    return text;
}

}  // namespace

Worker::Worker(std::set<std::string> classes, Time now)
    : classes_(std::move(classes)),
      awaits_since_(now),
      next_heartbeat_(now) {}

Acts Worker::connected(Time now) {
    Acts acts;
    is_connected_ = true;
    const bool is_known = std::exchange(is_reopening_, false) && was_taken_;
    if (is_known || halting_ != Halting::no || is_over_) {
        away_since_.reset();
        return acts;
    }
    if (was_taken_) {
        await_master(now);
    }
    away_since_ = state_ == State::ready ? std::nullopt : std::optional(now);
    tell_ready(now, acts);
    return acts;
}

Acts Worker::disconnected(Time now) {
    is_connected_ = false;
    if (was_taken_ && !away_since_) {
        away_since_ = now;
    }
    return {};
}

Acts Worker::ordered(const Order& order, Time now) {
    Acts acts;
    if (!is_over_) {
        std::visit([&](const auto& each) { this->order(each, now, acts); }, order);
    }
    return acts;
}

void Worker::order(const Ack& ack, Time now, Acts& acts) {
    const auto number = ack.index ? concat({" as its worker ", integer_text(*ack.index)}) : std::string();
    if (!std::exchange(was_taken_, true)) {
        acts.push_back(Say{.words = concat({"the master has taken this worker", number})});
        last_spawn_ = 0;  // another master's clock may be behind
        next_heartbeat_ = now;
        next_report_ = now + report_every;
    }
}

void Worker::order(const Spawn& spawn, Time now, Acts& acts) {
    if (halting_ == Halting::for_quit || spawn.timestamp <= last_spawn_) {
        return;
    }
    if (halting_ != Halting::no) {
        waiting_ = spawn;
        return;
    }
    const bool is_new = state_ == State::ready;
    if (is_new) {
        unknown_.clear();
        next_report_ = now + report_every;
    }
    was_taken_ = true;
    away_since_.reset();
    last_spawn_ = spawn.timestamp;
    const auto most = std::chrono::duration<double>(longest_patience);
    patience_ = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::min(most, std::chrono::duration<double>(spawn.stop_timeout_seconds)));
    state_ = State::spawning;
    acts.push_back(Tell{Spawning()});
    users_ = known(spawn.users, acts);
    acts.push_back(SetUsers{.users = users_, .host = spawn.host, .is_new = is_new});
}

void Worker::order(const Stop&, Time, Acts& acts) {
    waiting_.reset();
    if (halting_ == Halting::no) {
        halt(Halting::for_stop, std::max(patience_, patience_at_stop), acts);
    }
}

// A master that ends a run by itself waits only half a second for what its workers have yet to tell.
void Worker::order(const Quit&, Time, Acts& acts) {
    if (halting_ == Halting::for_quit) {
        return;
    }
    acts.push_back(Say{.words = "the master has ended the run"});
    acts.push_back(Report{users_});
    halt(Halting::for_quit, std::max(patience_, patience_at_end), acts);
}

void Worker::order(const Reconnect&, Time, Acts& acts) {
    is_reopening_ = true;
    acts.push_back(Say{.is_warning = true, .words = "the master asks for a new connection"});
    acts.push_back(Reopen());
}

void Worker::order(const Other& other, Time, Acts& acts) {
    acts.push_back(Say{.is_warning = true,
                       .words = concat({"the master sent something that is not known here: ", other.type})});
}

UserCounts Worker::known(const UserCounts& asked, Acts& acts) {
    if (classes_.empty()) {
        return asked;
    }
    UserCounts users;
    for (const auto& [name, count] : asked) {
        if (classes_.contains(name)) {
            users[name] = count;
        } else if (count != 0 && unknown_.size() < most_unknown && unknown_.insert(name).second) {
            const auto words = concat({"this worker has no user class ", name, ": it has ", text_of(classes_),
                                       "; the master's locustfile must name the same"});
            acts.push_back(Say{.is_warning = true, .words = words});
            acts.push_back(Tell{Exception{.text = words, .traceback = {}}});
        }
    }
    return users;
}

void Worker::halt(Halting why, std::chrono::milliseconds patience, Acts& acts) {
    halting_ = why;
    acts.push_back(Halt{patience});
}

Acts Worker::users_run() {
    if (state_ != State::spawning || halting_ != Halting::no) {
        return {};
    }
    state_ = State::running;
    return {Tell{SpawningComplete{users_}}};
}

Acts Worker::users_failed(std::string why) {
    users_ = {};
    Acts acts = users_run();
    acts.push_back(Say{.is_warning = true, .words = why});
    acts.push_back(Tell{Exception{.text = std::move(why), .traceback = {}}});
    return acts;
}

Acts Worker::users_ended(Time now) {
    Acts acts;
    users_ = {};
    state_ = State::ready;
    switch (std::exchange(halting_, Halting::no)) {
        case Halting::no: break;
        case Halting::for_stop:
            acts.push_back(Report());
            acts.push_back(Tell{Stopped()});
            await_master(now);
            tell_ready(now, acts);
            break;
        case Halting::for_quit:
            acts.push_back(Report());
            acts.push_back(Tell{Leaving()});
            acts.push_back(End{.is_well = true});
            is_over_ = true;
            break;
        case Halting::for_absence:
            await_master(now);
            tell_ready(now, acts);
            break;
    }
    if (waiting_ && !is_over_) {
        order(*std::exchange(waiting_, std::nullopt), now, acts);
    }
    return acts;
}

Acts Worker::interrupted() {
    Acts acts;
    if (!is_over_ && halting_ != Halting::for_quit) {
        acts.push_back(Report{users_});
        halt(Halting::for_quit, patience_at_end, acts);
    }
    return acts;
}

Acts Worker::tick(Time now, Vitals vitals) {
    Acts acts;
    if (is_over_) {
        return acts;
    }
    look_for_master(now, acts);
    if (was_taken_ && now >= next_heartbeat_) {
        next_heartbeat_ = std::max(next_heartbeat_ + heartbeat_every, now + heartbeat_every / 2);
        acts.push_back(Tell{Heartbeat{
            .state = state_, .cpu_percent = vitals.cpu_percent, .memory_bytes = vitals.memory_bytes}});
    }
    if (was_taken_ && state_ != State::ready && now >= next_report_) {
        next_report_ = std::max(next_report_ + report_every, now + report_every / 2);
        acts.push_back(Report{users_});
    }
    return acts;
}

void Worker::look_for_master(Time now, Acts& acts) {
    if (away_since_ && now - *away_since_ >= longest_absence) {
        away_since_.reset();
        await_master(now);
        if (state_ != State::ready && halting_ == Halting::no) {
            acts.push_back(Say{.is_warning = true, .words = "the master is gone: users are stopped"});
            halt(Halting::for_absence, patience_at_end, acts);
        } else {
            acts.push_back(Say{.is_warning = true, .words = "the master is gone"});
        }
    }
    if (was_taken_ || halting_ != Halting::no) {
        return;
    }
    if (now - awaits_since_ >= longest_wait) {
        acts.push_back(Say{.is_warning = true,
                           .words = is_connected_
                                        ? "the master does not take this worker"
                                        : "no master has come: is `locust --master` running there?"});
        acts.push_back(End{.is_well = false});
        is_over_ = true;
    } else if (is_connected_ && now >= next_ready_) {
        acts.push_back(Say{.is_warning = true,
                           .words = "the master has not answered: is it a Locust master, of version 2?"});
        tell_ready(now, acts);
    }
}

void Worker::await_master(Time now) noexcept {
    was_taken_ = false;
    awaits_since_ = now;
}

void Worker::tell_ready(Time now, Acts& acts) {
    if (is_connected_) {
        next_ready_ = now + ready_every;
        acts.push_back(Tell{Ready()});
    }
}

}  // namespace brio::load::locust
