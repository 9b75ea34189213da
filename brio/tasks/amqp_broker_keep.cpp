// What AmqpBroker does besides pushing and claiming: replies, what is left over, lost queues.
#include <algorithm>

#include <brio/base/log.hpp>
#include <brio/base/text.hpp>
#include <brio/runtime/awaitables.hpp>
#include <brio/runtime/errors.hpp>
#include <brio/tasks/amqp_broker.hpp>
#include <brio/tasks/amqp_lane.hpp>
#include <brio/tasks/amqp_statements.hpp>
#include <brio/tasks/celery_result.hpp>

namespace brio::tasks {

using namespace database;

namespace {

using std::chrono::milliseconds;

constexpr milliseconds looks_every{1000};
/// Whoever made a row ready has sent it by then, or is gone.
constexpr std::chrono::seconds left_over_after{5};
constexpr std::size_t most_left_over = 500;

}  // namespace

Async<void> AmqpBroker::keep() {
    auto& work = co_await runtime::current_work;
    std::string said;  // in the log, the last time
    for (;;) {
        keeper_bell_->look(*work.loop);
        try {
            in_.listen(co_await reply_queue());
            co_await keep_step();
        } catch (const runtime::Cancelled&) {
            co_return;
        } catch (const runtime::Unavailable&) {  // in a second again
        } catch (const std::exception& error) {
            if (std::exchange(said, error.what()) != error.what()) {
                log_warning("what RabbitMQ is to be told waits", {{"error", error.what()}});
            }
        }
        try {
            co_await keeper_bell_->wait(looks_every);
        } catch (const runtime::Cancelled&) {
            co_return;
        }
    }
}

Async<void> AmqpBroker::keep_step() {
    co_await hear_replies();
    Words committed;
    {
        const std::scoped_lock lock(mutex_);
        committed.swap(committed_);
    }
    co_await send(std::move(committed));
    co_await note_lost();
    if (is_time_to_make_ready(wall().microseconds)) {
        co_await make_due();
    }
    co_await send_leftovers();
}

/// What workers in Python made of what was pushed here.
Async<void> AmqpBroker::hear_replies() {
    auto replies = in_.take_replies();
    if (replies.empty()) {
        co_return;
    }
    auto job = std::make_shared<db::WriteJob>();
    std::vector<amqp::Receipt> receipts;
    for (const amqp::Delivery& each : replies) {
        receipts.push_back(each.receipt);
        const auto status = read_celery_result(each.post.body);
        if (status && (is_final(status->state) || status->state == State::retrying)) {
            job->queries.push_back(answer(*status, wall()));
        }
    }
    std::exception_ptr fault;
    if (!job->queries.empty()) {
        try {
            co_await write(job);
        } catch (...) {
            fault = std::current_exception();
        }
    }
    if (fault) {
        co_await hand_back(std::move(receipts));
        std::rethrow_exception(fault);
    }
    co_await acknowledge(std::move(receipts));
}

/// A queue that had to be made anew was deleted, with the messages that were in it: they are left over.
Async<void> AmqpBroker::note_lost() {
    for (;;) {
        std::string name;
        {
            const std::scoped_lock lock(mutex_);
            if (made_queues_.empty()) {
                co_return;
            }
            name = *made_queues_.begin();
        }
        const std::string_view queue = queue_of_lane(name);
        int least = 0;
        for (const std::uint8_t step : later_steps) {
            least = name == amqp_lane(queue, step) ? step : least;
        }
        const int most = least == 9 ? UINT8_MAX : least + 2;
        const auto lost = co_await write_one(
            mark_lost(queue, static_cast<std::uint8_t>(least), static_cast<std::uint8_t>(most)));
        if (lost != 0) {
            log_warning("a queue of RabbitMQ is gone with its messages: they are sent again",
                        {{"queue", name}, {"tasks", lost}});
        }
        const std::scoped_lock lock(mutex_);
        made_queues_.erase(name);
    }
}

Async<void> AmqpBroker::send_leftovers() {
    const Timestamp until(wall().microseconds - std::chrono::microseconds(left_over_after).count());
    while (out_.is_usable()) {
        ClaimSink found;
        std::vector<db::Query> queries;
        queries.push_back(unsent_since(until, most_left_over));
        queries.back().sink = &found;
        co_await read(queries);
        auto ready = found.take({});
        if (ready.empty()) {
            outbox_.give_back(outbox_.used());
            co_return;
        }
        // One process at a time: two would send everything twice.
        if (!co_await lead("amqp.outbox", name_, std::chrono::seconds(10))) {
            co_return;
        }
        const std::size_t count = ready.size();
        if (!co_await send_claims(std::move(ready))) {
            break;
        }
        if (count < most_left_over) {
            co_return;
        }
    }
    co_await check_outbox();
}

Async<std::vector<QueueStatus>> AmqpBroker::queues() {
    static const sql::Statement sent_statement =
        both("count sent tasks", "SELECT queue, count(*) FROM brio_tasks WHERE state = 3 GROUP BY queue");
    struct SentSink final : db::Sink {
        void row(const sql::Columns& columns) override {
            count[std::string(columns.text(0))] = static_cast<std::uint64_t>(columns.integer(1));
        }
        void clear() override { count.clear(); }
        std::map<std::string, std::uint64_t> count;
    } sent;
    auto all = co_await DatabaseBroker::queues();
    std::vector<db::Query> queries;
    queries.push_back(Bound(sent_statement).sink(&sent).take());
    co_await read(queries);
    for (const std::string& own : options_.own_queues.value_or(Words())) {
        if (std::ranges::find(all, own, &QueueStatus::name) == all.end()) {
            all.push_back({.name = own});
        }
    }
    Words names;
    for (const QueueStatus& each : all) {
        names.push_back(each.name);
    }
    std::vector<std::uint64_t> waiting(all.size(), 0);
    const Words lanes = co_await lanes_in_use();
    try {
        co_await in_.call([&](amqp::Connection& connection) {
            for (std::size_t i = 0; i < names.size(); ++i) {
                waiting[i] = connection.count(names[i]);
                for (const std::uint8_t step : later_steps) {
                    const std::string lane = amqp_lane(names[i], step);
                    if (std::ranges::find(lanes, lane) != lanes.end()) {
                        waiting[i] += connection.count(lane);
                    }
                }
            }
        });
    } catch (const runtime::Unavailable&) {  // the database knows of its own
        co_return all;
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i].ready = all[i].ready - std::min(all[i].ready, sent.count[names[i]]) + waiting[i];
        if (all[i].ready == 0) {
            all[i].oldest.reset();
        }
    }
    co_return all;
}

Async<std::uint64_t> AmqpBroker::purge(std::string queue) {
    const Words lanes = co_await lanes_of({queue});
    const auto rows = co_await DatabaseBroker::purge(queue);
    std::uint64_t messages = 0;
    co_await in_.call([&](amqp::Connection& connection) {
        messages = connection.purge(queue);
        for (const std::string& lane : lanes) {
            messages += lane == queue ? 0 : connection.purge(lane);
        }
    });
    co_return std::max(rows, messages);
}

}  // namespace brio::tasks
