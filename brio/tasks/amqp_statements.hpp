// The statements of tasks whose messages are in RabbitMQ (amqp_broker.hpp), beside those of every database.
// Internal.
#pragma once
#include <brio/tasks/celery_message.hpp>
#include <brio/tasks/database_statements.hpp>

namespace brio::tasks::database {

/// Those of these ids that are ready and in no queue of RabbitMQ yet; ClaimSink's rows.
db::Query unsent(std::span<const std::string> ids);
/// Those that have been so since `until`, the first first, at most `most`; ClaimSink's rows.
db::Query unsent_since(Timestamp until, std::size_t most);
/// How many there are, counted up to `most`.
db::Query count_unsent(std::uint64_t most);
/// What is due becomes ready, at most 500; ClaimSink's rows.
db::Query make_due(Timestamp now);
/// Those that wait for their time do not, but for the eta that they carry.
db::Query send_now(std::span<const std::string> ids);

/// A message that RabbitMQ has confirmed.
struct Sent {
    std::string id;
    std::uint64_t fence = 0;         // when it was made
    std::optional<Timestamp> until;  // then it is forgotten
};
Queries mark_sent(sql::Dialect dialect, std::span<const Sent> sent);
/// The messages of these queues' tasks were lost; `priorities` from and to.
db::Query mark_lost(std::string_view queue, std::uint8_t least, std::uint8_t most);

/// Gives the worker's id, if it is known and lives.
db::Query living_worker(std::string_view worker);
db::Query expire_these(std::span<const std::string> ids, Timestamp now);
/// ClaimSink's rows, of those that are ready.
db::Query claim_these(std::string_view worker, std::span<const std::string> ids, Timestamp now);
/// Into the dead set.
db::Query bury_refused(const CeleryRefusal& refusal, std::string_view queue, Timestamp now);

/// What a worker of somebody else's made of one that waits.
db::Query answer(const Status& status, Timestamp now);

}  // namespace brio::tasks::database
