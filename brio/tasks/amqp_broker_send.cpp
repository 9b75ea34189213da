// How AmqpBroker's tasks get to RabbitMQ.
#include <algorithm>
#include <stdexcept>

#include <brio/base/text.hpp>
#include <brio/runtime/errors.hpp>
#include <brio/runtime/scope.hpp>
#include <brio/tasks/amqp_broker.hpp>
#include <brio/tasks/amqp_lane.hpp>
#include <brio/tasks/amqp_statements.hpp>
#include <brio/tasks/celery_message.hpp>

namespace brio::tasks {

using namespace database;

namespace {

/// Of one publish.
constexpr std::size_t most_messages = 500;
constexpr std::size_t most_bytes = std::size_t{8} << 20;
/// What went to a queue of nobody's here, and of which nothing was heard.
constexpr std::chrono::hours sent_away_lasts{24};

struct CountSink final : db::Sink {
    void row(const sql::Columns& columns) override { value = columns.integer(0); }
    void clear() override { value = 0; }
    std::int64_t value = 0;
};

struct DueJob final : db::WriteJob {
    ClaimSink due;
};

/// What RabbitMQ would close the connection for.
void check_sizes(const std::vector<Message>& messages) {
    for (const Message& each : messages) {
        if (each.queue.size() > amqp::longest_queue) {
            throw std::invalid_argument(concat({"the queue ", each.queue, " has a name of more than ",
                                                integer_text(amqp::longest_queue), " bytes"}));
        }
        if (each.args.size() + each.kwargs.size() + each.embed.size() > amqp::largest_body) {
            throw std::invalid_argument(
                concat({"the arguments of task ", each.id, " have more than 64 MiB"}));
        }
    }
}

std::vector<std::string> ids_of(const std::vector<Message>& messages) {
    std::vector<std::string> ids;
    for (const Message& each : messages) {
        ids.push_back(each.id);
    }
    return ids;
}

}  // namespace

Async<void> AmqpBroker::push(std::vector<Message> messages) {
    if (messages.empty()) {
        co_return;
    }
    check_sizes(messages);
    auto& work = co_await runtime::current_work;
    work.check();
    if (!out_.is_usable()) {
        co_await check_outbox();
    }
    auto& pushing = pushing_.of(*work.loop, [this] {
        return std::make_unique<Batcher>(
            [this](std::vector<Message> all) { return push_now(std::move(all)); }, joined_pushes_);
    });
    try {
        co_await pushing.push(std::move(messages));
    } catch (...) {
        rethrow();
    }
}

Async<void> AmqpBroker::push_now(std::vector<Message> messages) {
    Words ids = ids_of(messages);
    Words away;
    for (const Message& each : messages) {
        if (each.due && !is_own(each.queue)) {
            away.push_back(each.id);
        }
    }
    co_await write_pushed(std::move(messages));
    if (!away.empty()) {
        co_await write_one(send_now(away));
    }
    co_await send(std::move(ids));
}

Async<void> AmqpBroker::push_within(db::Db db, std::vector<Message> messages) {
    check_sizes(messages);
    Words ids = ids_of(messages);
    co_await DatabaseBroker::push_within(db, std::move(messages));
    if (ids.empty()) {
        co_return;
    }
    db.after_commit([this, ids = std::move(ids)]() mutable {
        const std::scoped_lock lock(mutex_);
        if (committed_.size() + ids.size() <= most_committed) {  // others are left over for keep()
            committed_.insert(committed_.end(), ids.begin(), ids.end());
        }
        keeper_bell_->ring();
    });
}

/// Refuses when too much waits already for a RabbitMQ that is away.
Async<void> AmqpBroker::check_outbox() {
    CountSink count;
    std::vector<db::Query> queries;
    queries.push_back(count_unsent(options_.most_unsent));
    queries.back().sink = &count;
    co_await read(queries);
    outbox_.give_back(outbox_.used());
    outbox_.take(static_cast<std::uint64_t>(count.value));
    if (outbox_.used() >= outbox_.most()) {
        outbox_.count_refusal();
        throw runtime::Overloaded(concat({"RabbitMQ is away, and ", outbox_.name()}));
    }
}

/// What cannot be sent now is left over. Goes on whatever becomes of the caller.
Async<void> AmqpBroker::send(Words ids) {
    if (ids.empty() || !out_.is_usable()) {
        co_return;
    }
    auto& work = co_await runtime::current_work;
    runtime::Scope scope(*work.loop);
    scope.start(send_ready(std::move(ids)));
    co_await scope.join();
}

Async<void> AmqpBroker::send_ready(Words ids) {
    try {
        for (std::size_t at = 0; at < ids.size(); at += most_messages) {
            ClaimSink ready;
            std::vector<db::Query> queries;
            const auto part = std::span(ids).subspan(at, std::min(most_messages, ids.size() - at));
            queries.push_back(unsent(part));
            queries.back().sink = &ready;
            co_await read(queries);
            co_await send_claims(ready.take({}));
        }
    } catch (const runtime::Unavailable&) {  // the database: keep() finds them
    }
}

/// False: some were not.
Async<bool> AmqpBroker::send_claims(std::vector<Claim> ready) {
    const std::string replies = ready.empty() ? std::string() : co_await reply_queue();
    while (!ready.empty()) {
        std::vector<amqp::Post> posts;
        std::vector<Claim> part;
        std::size_t bytes = 0;
        while (part.size() < ready.size() && part.size() < most_messages && bytes < most_bytes) {
            Claim& next = ready[part.size()];
            bytes += next.message.args.size() + next.message.kwargs.size();
            posts.push_back(co_await post_of(next.message, replies));
            part.push_back(std::move(next));
        }
        ready.erase(ready.begin(), ready.begin() + static_cast<std::ptrdiff_t>(part.size()));
        const auto is_confirmed = co_await out_.publish(std::move(posts));
        co_await note_lost();  // before these are marked, which are not
        std::vector<Sent> sent;
        for (std::size_t i = 0; i < part.size(); ++i) {
            if (is_confirmed[i]) {
                std::optional<Timestamp> until;
                if (!is_own(part[i].message.queue)) {
                    until =
                        Timestamp(wall().microseconds + std::chrono::microseconds(sent_away_lasts).count());
                }
                sent.push_back({part[i].message.id, part[i].fence, until});
            }
        }
        const bool is_all = sent.size() == part.size();
        co_await mark(std::move(sent));
        if (!is_all) {
            co_return false;  // the others fare no better now
        }
    }
    co_return true;
}

Async<void> AmqpBroker::mark(std::vector<Sent> sent) {
    if (sent.empty()) {
        co_return;
    }
    auto job = std::make_shared<db::WriteJob>();
    job->queries = mark_sent(dialect(), sent);
    co_await write(std::move(job));
}

Async<amqp::Post> AmqpBroker::post_of(const Message& message, std::string_view replies) {
    const bool own = is_own(message.queue);
    auto parts = write_celery_parts(message);
    amqp::Post post{.queue = own ? amqp_lane(message.queue, message.priority) : message.queue,
                    .headers = std::move(parts.headers),
                    .body = std::move(parts.body),
                    .content_type = std::move(parts.content_type),
                    .correlation_id = message.id,
                    .reply_to = message.reply_to.empty() ? std::string(replies) : message.reply_to,
                    .priority = own ? std::uint8_t{0} : message.priority};
    if (post.queue != message.queue) {
        co_await use_lane(post.queue);
    }
    co_return post;
}

/// Others are to look into it too.
Async<void> AmqpBroker::use_lane(std::string lane) {
    {
        const std::scoped_lock lock(mutex_);
        if (lanes_.contains(lane)) {
            co_return;
        }
    }
    co_await exchange(concat({"amqp.lane:", lane}), std::nullopt, "used");
    const std::scoped_lock lock(mutex_);
    lanes_.emplace(std::move(lane), true);
}

Async<void> AmqpBroker::make_due() {
    auto job = std::make_shared<DueJob>();
    job->queries.push_back(database::make_due(wall()));
    job->queries.back().sink = &job->due;
    job->queries.push_back(expire_waiting(wall()));
    co_await write(job);
    auto due = job->due.take({});
    if (!due.empty() && out_.is_usable()) {
        auto& work = co_await runtime::current_work;
        runtime::Scope scope(*work.loop);
        scope.start([](AmqpBroker* self, std::vector<Claim> all) -> Async<void> {
            co_await self->send_claims(std::move(all));
        }(this, std::move(due)));
        co_await scope.join();
    }
}

}  // namespace brio::tasks
