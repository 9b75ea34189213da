// Tasks as rows of the database: how messages are bound to statements, and what is made of rows. Internal.
#pragma once
#include <string>
#include <vector>

#include <brio/db/engine.hpp>
#include <brio/tasks/broker.hpp>

namespace brio::tasks::database {

/// What brio_tasks.state holds. The literals in the statements are these.
enum class Row : std::int64_t {
    ready = 0,
    running = 1,
    scheduled = 2,  // not due yet
    sent = 3,       // ready, and its message is in RabbitMQ (amqp_broker.hpp)
    done = 4,
    failed = 5,
    expired = 6,
    revoked = 7,
};
State state_of(Row row, std::int64_t failures) noexcept;
Row row_of(State ended) noexcept;

/// What the broker keeps of one that it cannot be told when to forget: revoked before it began, expired.
inline constexpr std::chrono::hours ended_lasts{1};
/// Of errors' words, in bytes.
inline constexpr std::size_t most_error = 8000;

/// The columns of a claim, in ClaimSink's order.
inline constexpr std::string_view claim_columns =
    "id, name, queue, priority, due, number, fence, failures, deaths, expires, is_scheduled, "
    "ignores_result, pushed_at, args, kwargs, details, is_revoked";
/// The columns of a status, in StatusSink's order.
inline constexpr std::string_view status_columns =
    "id, name, queue, state, failures, deaths, progress, progress_words, result, error, error_type, "
    "pushed_at, due, begun_at, ended_at, until";

/// `given`, deadlines and where it comes from: what no statement looks into.
std::string write_details(const Message& message);

class ClaimSink final : public db::Sink {
public:
    void row(const sql::Columns& columns) override;
    void clear() override { found_.clear(); }
    /// In the order in which they are to be taken: by their queue's place, priority, due, age.
    std::vector<Claim> take(std::span<const std::string> queues);

private:
    struct Found {
        Claim claim;
        std::int64_t due = 0;
        std::int64_t number = 0;
    };
    std::vector<Found> found_;
};

class StatusSink final : public db::Sink {
public:
    /// What is to be forgotten by `now` is passed over.
    explicit StatusSink(Timestamp now) noexcept : now_(now) {}
    void row(const sql::Columns& columns) override;
    void clear() override { all.clear(); }
    std::vector<Status> all;

private:
    Timestamp now_;
};

/// A single text or integer a row.
class TextSink final : public db::Sink {
public:
    void row(const sql::Columns& columns) override { all.emplace_back(columns.text(0)); }
    void clear() override { all.clear(); }
    std::vector<std::string> all;
};

}  // namespace brio::tasks::database
