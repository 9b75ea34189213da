// How AmqpBroker's workers get their tasks, and what becomes of the messages.
#include <algorithm>
#include <set>

#include <brio/base/random.hpp>
#include <brio/base/text.hpp>
#include <brio/reflect/uuid.hpp>
#include <brio/runtime/errors.hpp>
#include <brio/runtime/scope.hpp>
#include <brio/tasks/amqp_broker.hpp>
#include <brio/tasks/amqp_lane.hpp>
#include <brio/tasks/amqp_statements.hpp>
#include <brio/tasks/celery_result.hpp>

namespace brio::tasks {

using namespace database;
using Outcome = Settlement::Outcome;

namespace {

State state_of(Outcome outcome) noexcept {
    switch (outcome) {
        case Outcome::done: return State::done;
        case Outcome::failed: return State::failed;
        case Outcome::expired: return State::expired;
        case Outcome::revoked: return State::revoked;
        case Outcome::retried:
        case Outcome::returned: break;
    }
    return State::pending;
}

/// Others than the queues' own, that somebody has sent to.
const sql::Statement& lanes_statement() {
    static const sql::Statement statement = both(
        "lanes in use", "SELECT key FROM brio_task_values WHERE key >= 'amqp.lane:' AND key < 'amqp.lane;'");
    return statement;
}

std::vector<std::string> lanes_of_keys(std::vector<std::string> keys) {
    for (std::string& each : keys) {
        each.erase(0, std::string_view("amqp.lane:").size());
    }
    return keys;
}

/// What Celery's client with the backend rpc:// waits for, as long as its queue is there.
amqp::Post answer_of(const Status& status, std::string reply_to) {
    return {.queue = std::move(reply_to),
            .body = write_celery_result(status),
            .correlation_id = status.id,
            .is_persistent = false,
            .makes_queue = false};
}

}  // namespace

/// Deliveries on their way to be claims.
struct AmqpBroker::Adoption final : db::WriteJob {
    struct Incoming {
        std::string id;
        amqp::Receipt receipt;
        std::string reply_to;  // of somebody else
        bool is_again = false;
    };
    std::vector<Incoming> all;
    TextSink living;  // the worker
    ClaimSink claimed;
};

Async<std::vector<Claim>> AmqpBroker::claim(ClaimRequest request) {
    auto& work = co_await runtime::current_work;
    work.check();
    bell()->look(*work.loop);
    const std::string worker(request.worker);
    const Words queues(request.queues.begin(), request.queues.end());
    if (is_time_to_make_ready(wall().microseconds)) {
        co_await make_due();
    }
    std::vector<Claim> claims;
    const Words lanes = co_await lanes_of(queues);
    while (claims.size() < request.most && !lanes.empty()) {
        auto deliveries = co_await take(lanes, request.most - claims.size());
        if (deliveries.empty()) {
            break;
        }
        auto adopted = co_await adopt(worker, std::move(deliveries));
        if (!adopted) {
            break;
        }
        std::ranges::move(*adopted, std::back_inserter(claims));
        if (work.stopped != runtime::StopReason::none) {
            std::vector<Held> held;
            for (const Claim& each : claims) {
                held.push_back(each.held());
            }
            runtime::Scope scope(*work.loop);
            scope.start([](AmqpBroker* self, std::string of, std::vector<Settlement> all) -> Async<void> {
                co_await self->settle(std::move(of), std::move(all));
            }(this, worker, returned(held)));
            co_await scope.join();
            work.check();
        }
        if (adopted->empty()) {
            co_await runtime::sleep_for({});  // others of this loop come in between
        }
    }
    co_return claims;
}

Async<AmqpBroker::Words> AmqpBroker::lanes_in_use() {
    TextSink used;
    std::vector<db::Query> queries;
    queries.push_back(Bound(lanes_statement()).sink(&used).take());
    co_await read(queries);
    co_return lanes_of_keys(std::move(used.all));
}

/// Of those that are not paused; in the order in which they are read.
Async<AmqpBroker::Words> AmqpBroker::lanes_of(Words queues) {
    static const sql::Statement paused_statement =
        both("paused queues", "SELECT name FROM brio_task_queues WHERE is_paused = 1");
    TextSink paused;
    TextSink used;
    std::vector<db::Query> queries;
    queries.push_back(Bound(paused_statement).sink(&paused).take());
    queries.push_back(Bound(lanes_statement()).sink(&used).take());
    co_await read(queries);
    const Words in_use = lanes_of_keys(std::move(used.all));
    Words lanes;
    for (const std::string& queue : queues) {
        if (std::ranges::find(paused.all, queue) != paused.all.end()) {
            continue;
        }
        lanes.push_back(queue);
        for (const std::uint8_t step : later_steps) {
            std::string lane = amqp_lane(queue, step);
            if (std::ranges::find(in_use, lane) != in_use.end()) {
                lanes.push_back(std::move(lane));
            }
        }
    }
    co_return lanes;
}

Async<std::vector<amqp::Delivery>> AmqpBroker::take(Words lanes, std::size_t most) {
    std::vector<amqp::Delivery> taken;
    if (holding_.used() + most > holding_.most()) {
        holding_.count_refusal();
        co_return taken;
    }
    co_await in_.call([&](amqp::Connection& connection) {
        std::size_t refused = 0;
        for (const std::string& lane : lanes) {
            while (auto ahead = taken.size() < most ? in_.take_ahead(lane) : std::nullopt) {
                taken.push_back(std::move(*ahead));
            }
            try {
                if (taken.size() < most) {
                    auto more = connection.get(lane, most - taken.size());
                    std::ranges::move(more, std::back_inserter(taken));
                }
            } catch (const amqp::Refused& refusal) {
                in_.note_refusal(refusal.what());
                if (++refused == lanes.size()) {
                    throw;
                }
            }
        }
    });
    co_return taken;
}

/// The queries that make rows of what others pushed, and claim those that are ready.
std::shared_ptr<AmqpBroker::Adoption> AmqpBroker::adoption_of(std::string_view worker,
                                                              std::string_view replies,
                                                              std::vector<amqp::Delivery> deliveries) const {
    const Timestamp now = wall();
    auto job = std::make_shared<Adoption>();
    job->queries.push_back(living_worker(worker));
    job->queries.back().sink = &job->living;
    std::vector<Message> foreign;
    std::set<std::string> ids;
    for (amqp::Delivery& each : deliveries) {
        const std::string_view queue = queue_of_lane(each.post.queue);
        auto message = read_celery_parts({.headers = std::move(each.post.headers),
                                          .body = std::move(each.post.body),
                                          .content_type = std::move(each.post.content_type)},
                                         queue);
        Adoption::Incoming& incoming = job->all.emplace_back();
        incoming.receipt = each.receipt;
        incoming.is_again = each.is_again;
        if (!message) {
            CeleryRefusal& refusal = message.error();
            if (refusal.id.empty()) {
                refusal.id = concat({"refused-", Uuid::v7(now, thread_random()).text()});
            }
            job->queries.push_back(bury_refused(refusal, queue, now));
            continue;
        }
        incoming.id = message->id;
        const bool is_new = ids.insert(message->id).second;
        if (each.post.reply_to != replies) {  // not pushed here
            incoming.reply_to = message->reply_to = std::move(each.post.reply_to);
            message->pushed_at = message->pushed_at == Timestamp() ? now : message->pushed_at;
            if (is_new) {
                foreign.push_back(std::move(*message));
            }
        }
    }
    const Words all(ids.begin(), ids.end());
    std::ranges::move(database::push(dialect(), foreign, now), std::back_inserter(job->queries));
    job->queries.push_back(expire_these(all, now));
    job->queries.push_back(claim_these(worker, all, now));
    job->queries.back().sink = &job->claimed;
    return job;
}

/// Claims what came, as far as it is ready; the messages of all others go. Nothing: the worker is not known.
Async<std::optional<std::vector<Claim>>> AmqpBroker::adopt(std::string worker,
                                                           std::vector<amqp::Delivery> deliveries) {
    std::vector<amqp::Receipt> receipts;
    for (const amqp::Delivery& each : deliveries) {
        receipts.push_back(each.receipt);
    }
    std::shared_ptr<Adoption> job;
    std::exception_ptr fault;
    try {
        job = adoption_of(worker, co_await reply_queue(), std::move(deliveries));
        co_await write(job);
    } catch (...) {
        fault = std::current_exception();
    }
    if (fault || job->living.all.empty()) {
        co_await hand_back(std::move(receipts));
        if (fault) {
            std::rethrow_exception(fault);
        }
        co_return std::nullopt;
    }
    auto claims = job->claimed.take({});
    std::vector<Claim> in_order;  // as RabbitMQ gave them
    std::vector<amqp::Receipt> dropped;
    for (const Adoption::Incoming& each : job->all) {
        const auto found = std::ranges::find_if(
            claims, [&](const Claim& claim) { return !each.id.empty() && claim.message.id == each.id; });
        if (found == claims.end()) {
            dropped.push_back(each.receipt);
            continue;
        }
        const Message& message = found->message;
        hold(*found, {each.receipt, worker, message.ignores_result ? std::string() : message.reply_to});
        in_order.push_back(std::move(*found));
        claims.erase(found);
    }
    co_await answer_again(*job);
    co_await acknowledge(std::move(dropped));
    co_return in_order;
}

/// What ended here before whoever waits for it could be told, perhaps.
Async<void> AmqpBroker::answer_again(Adoption& adoption) {
    std::vector<amqp::Post> answers;
    for (Adoption::Incoming& each : adoption.all) {
        if (each.is_again && !each.reply_to.empty()) {
            const auto known = co_await status(each.id);
            if (is_final(known.state)) {
                answers.push_back(answer_of(known, std::move(each.reply_to)));
            }
        }
    }
    if (!answers.empty()) {
        co_await out_.publish(std::move(answers));
    }
}

Async<std::vector<bool>> AmqpBroker::settle(std::string worker, std::vector<Settlement> settlements) {
    const auto settled = co_await DatabaseBroker::settle(std::move(worker), settlements);
    const Timestamp now = wall();
    std::vector<amqp::Post> answers;
    std::vector<amqp::Receipt> ended;
    std::vector<Back> back;
    Words ready;
    for (std::size_t i = 0; i < settlements.size(); ++i) {
        Settlement& each = settlements[i];
        auto held = let_go(each.held);
        const bool goes_back = settled[i] && each.outcome == Outcome::returned;
        const bool is_again = settled[i] && each.outcome == Outcome::retried && each.due <= now;
        if (is_again || (goes_back && !held)) {
            ready.push_back(each.held.id);
        }
        if (!held) {
            continue;
        }
        if (goes_back) {
            back.push_back({each.held, held->receipt});
            continue;
        }
        ended.push_back(held->receipt);
        if (settled[i] && !held->reply_to.empty() && each.keeps_result && is_final(state_of(each.outcome))) {
            answers.push_back(answer_of({.state = state_of(each.outcome),
                                         .id = each.held.id,
                                         .result = std::move(each.result),
                                         .error = std::move(each.error),
                                         .error_type = std::move(each.error_type),
                                         .ended_at = now},
                                        std::move(held->reply_to)));
        }
    }
    // It is committed: nothing of what follows is waited for by whoever settles, and may be left undone.
    if (!answers.empty()) {
        co_await out_.publish(std::move(answers));
    }
    co_await acknowledge(std::move(ended));
    for (std::string& id : co_await put_back(std::move(back))) {
        ready.push_back(std::move(id));
    }
    co_await send(std::move(ready));
    co_return settled;
}

/// Each message to its place in its queue. Gives the ids of those of which it is not certain.
Async<AmqpBroker::Words> AmqpBroker::put_back(std::vector<Back> back) {
    Words uncertain;
    if (back.empty()) {
        co_return uncertain;
    }
    bool is_back = false;
    try {
        co_await in_.call([&](amqp::Connection& connection) {
            for (const Back& each : back) {
                if (each.receipt.connection != connection.number()) {
                    return;
                }
            }
            for (const Back& each : back) {
                connection.give_back(each.receipt);
            }
            // Only an answer after that says that they were still this connection's.
            connection.finish_sending();
            is_back = true;
        });
    } catch (const runtime::Unavailable&) {
    }
    std::vector<Sent> sent;
    for (Back& each : back) {
        if (is_back) {
            sent.push_back({std::move(each.held.id), each.held.fence, std::nullopt});
        } else {
            uncertain.push_back(std::move(each.held.id));
        }
    }
    co_await mark(std::move(sent));
    co_return uncertain;
}

Async<void> AmqpBroker::acknowledge(std::vector<amqp::Receipt> receipts) {
    if (receipts.empty()) {
        co_return;
    }
    try {
        co_await in_.call([&](amqp::Connection& connection) {
            for (const amqp::Receipt& each : receipts) {
                if (each.connection == connection.number()) {  // else they went back with the other one's end
                    connection.acknowledge(each);
                }
            }
        });
    } catch (const runtime::Unavailable&) {  // they come again, and are dropped then
    }
}

Async<void> AmqpBroker::hand_back(std::vector<amqp::Receipt> receipts) {
    try {
        co_await in_.call([&](amqp::Connection& connection) {
            for (const amqp::Receipt& each : receipts) {
                if (each.connection == connection.number()) {
                    connection.give_back(each);
                }
            }
            connection.finish_sending();
        });
    } catch (const runtime::Unavailable&) {  // they went back by themselves
    }
}

void AmqpBroker::hold(const Claim& claim, Hold its) {
    holding_.take();
    const std::scoped_lock lock(mutex_);
    holds_.insert_or_assign(claim.held(), std::move(its));
}

std::optional<AmqpBroker::Hold> AmqpBroker::let_go(const Held& held) {
    const std::scoped_lock lock(mutex_);
    auto found = holds_.extract(held);
    if (found.empty()) {
        return std::nullopt;
    }
    holding_.give_back();
    return std::move(found.mapped());
}

}  // namespace brio::tasks
