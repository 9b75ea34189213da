#include <brio/tasks/amqp_broker.hpp>

#include <algorithm>

#include <brio/base/random.hpp>
#include <brio/base/text.hpp>
#include <brio/reflect/uuid.hpp>
#include <brio/tasks/amqp_statements.hpp>

namespace brio::tasks {

AmqpBroker::AmqpBroker(db::Database& database, AmqpBrokerOptions options, Clocks clocks)
    : DatabaseBroker(database, std::move(clocks)),
      options_(std::move(options)),
      outbox_("task_outbox", options_.most_unsent),
      name_(Uuid::v7(wall(), thread_random()).text()),
      // Apart: a server that is short of memory reads nothing more from whoever publishes.
      out_(connection_options("brio push"), "amqp_push_queue"),
      in_(connection_options("brio work"), "amqp_work_queue", [bell = bell(), keeper = keeper_bell_] {
          bell->ring();
          keeper->ring();
      }) {}

amqp::ConnectionOptions AmqpBroker::connection_options(std::string name) {
    return {.address = options_.address,
            .name = std::move(name),
            .timeout = options_.timeout,
            .made = [this](std::string queue) {
                {
                    const std::scoped_lock lock(mutex_);
                    made_queues_.insert(std::move(queue));
                }
                keeper_bell_->ring();
            }};
}

bool AmqpBroker::is_own(std::string_view queue) const {
    const auto& own = options_.own_queues;
    return !own || std::ranges::find(*own, queue) != own->end();
}

/// Where workers in Python answer. By its name, a message tells that it was pushed by a program of this
/// database.
Async<std::string> AmqpBroker::reply_queue() {
    {
        const std::scoped_lock lock(mutex_);
        if (!reply_queue_.empty()) {
            co_return reply_queue_;
        }
    }
    const std::string made = concat({"brio.replies.", Uuid::v7(wall(), thread_random()).text()});
    const auto known = co_await exchange("amqp.replies", std::nullopt, made);
    const std::scoped_lock lock(mutex_);
    reply_queue_ = known.value_or(made);
    co_return reply_queue_;
}

Async<bool> AmqpBroker::revoke(std::string id) {
    const bool is_revoked = co_await DatabaseBroker::revoke(id);
    Words ready;
    ready.push_back(std::move(id));
    co_await send(std::move(ready));  // of one that is followed, to the worker that ends it
    co_return is_revoked;
}

Async<BeatAnswer> AmqpBroker::beat(const WorkerId& worker) {
    const std::string id = worker.id;
    auto answer = co_await DatabaseBroker::beat(worker);
    if (!answer.is_known) {  // others have what it held
        std::vector<amqp::Receipt> receipts;
        for (const auto& [held, its] : let_go_of(id)) {
            receipts.push_back(its.receipt);
        }
        co_await acknowledge(std::move(receipts));
    }
    co_return answer;
}

std::map<Held, AmqpBroker::Hold> AmqpBroker::let_go_of(std::string_view worker) {
    std::map<Held, Hold> gone;
    const std::scoped_lock lock(mutex_);
    for (auto each = holds_.begin(); each != holds_.end();) {
        const auto next = std::next(each);
        if (each->second.worker == worker) {
            gone.insert(holds_.extract(each));
            holding_.give_back();
        }
        each = next;
    }
    return gone;
}

Async<void> AmqpBroker::leave(std::string worker) {
    // What it holds goes back in its place; the rest is the database's.
    const auto held = co_await held_by(worker);
    co_await settle(worker, returned(held));
    std::vector<amqp::Receipt> receipts;
    for (const auto& [what, its] : let_go_of(worker)) {
        receipts.push_back(its.receipt);
    }
    co_await acknowledge(std::move(receipts));
    co_await DatabaseBroker::leave(std::move(worker));
}

Async<std::vector<Status>> AmqpBroker::recover(std::chrono::milliseconds lease, int most_deaths) {
    auto back = co_await DatabaseBroker::recover(lease, most_deaths);
    Words ready;
    for (const Status& each : back) {
        if (!is_final(each.state)) {
            ready.push_back(each.id);
        }
    }
    co_await send(std::move(ready));
    co_return back;
}

Async<std::uint64_t> AmqpBroker::retry_dead(std::vector<std::string> ids) {
    const auto count = co_await DatabaseBroker::retry_dead(ids);
    co_await send(std::move(ids));
    co_return count;
}

Async<void> AmqpBroker::wait(std::span<const std::string> queues, std::chrono::milliseconds most) {
    struct Watching {
        Watching(amqp::Link& its_link, Words its_lanes) : link(its_link), lanes(std::move(its_lanes)) {
            link.watch(lanes);
        }
        ~Watching() { link.unwatch(lanes); }
        Watching(const Watching&) = delete;
        Watching& operator=(const Watching&) = delete;
        amqp::Link& link;
        const Words lanes;
    };
    const Watching watching(in_, co_await lanes_of(Words(queues.begin(), queues.end())));
    co_await DatabaseBroker::wait(queues, most);
}

std::string AmqpBroker::words() const {
    return concat({"RabbitMQ ", options_.address.text(), " with ", DatabaseBroker::words()});
}

void AmqpBroker::each_limit(const std::function<void(runtime::Limit&)>& visit) {
    for (runtime::Limit* each : {&joined_pushes_, &outbox_, &holding_, &out_.waiting(), &in_.waiting()}) {
        visit(*each);
    }
}

}  // namespace brio::tasks
