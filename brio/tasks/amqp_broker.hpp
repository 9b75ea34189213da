// Tasks whose messages are in a RabbitMQ, and whose state is in the program's database.
//
//     AmqpBroker broker(database, {.address = *parse_amqp_url("amqp://guest:guest@127.0.0.1/")});
//
// A task is a row (database_broker.hpp), and its message says that there is something to do: the messages are
// Celery's protocol 2 in durable classic queues, so workers and producers in Python share them.
//
// - The row decides. A message is claimed by its row, with a fence; one whose row runs, has ended or waits
//   for its time is acknowledged and dropped. So it does no harm when there are two of one task.
// - A row that is ready and has no message (Row::ready) is to be sent; one whose message RabbitMQ has
//   confirmed is Row::sent. Whoever makes a row ready sends it; what is left over, as by a process that died
//   or while RabbitMQ was away, keep() sends. push() succeeds once the row is committed: a RabbitMQ that is
//   away delays tasks and refuses none, until `most_unsent` of them wait; then it is runtime::Overloaded.
// - A message is acknowledged when what became of its task is committed (late acknowledgement). When a worker
//   dies, RabbitMQ gives its messages to others, who drop them: the rows are still its own, until recover()
//   takes them back, counts the death and sends them again.
// - What is not due waits in the database. What others push gets its row when it is claimed; with an eta it
//   waits there too. What is pushed to a queue of none of this program's tasks goes out at once with its eta,
//   and is forgotten after a day unless its worker answers.
// - Results: of what Python pushed with the backend rpc://, the result is sent to its `reply_to`; a worker in
//   Python with that backend answers to a queue of this program (`brio.replies.…`), and keep() notes it in
//   the row.
//
// Priorities have four steps, as with Redis: 0 to 2 wait in the queue of the name, which Celery's workers
// read, the others in "….priority3", "….priority6" and "….priority9", which only Brio's do.
#pragma once
#include <map>
#include <mutex>
#include <set>

#include <brio/tasks/amqp_link.hpp>
#include <brio/tasks/amqp_url.hpp>
#include <brio/tasks/database_broker.hpp>

namespace brio::tasks {

namespace database {
struct Sent;
}

struct AmqpBrokerOptions {
    AmqpAddress address;
    /// Queues of this program's tasks. None: all are its own.
    std::optional<std::vector<std::string>> own_queues = {};
    std::chrono::milliseconds timeout{5000};  // of one step of RabbitMQ's
    std::uint64_t most_unsent = 100'000;      // while RabbitMQ is away
};

class AmqpBroker final : public DatabaseBroker {
public:
    /// As DatabaseBroker's; RabbitMQ may be away.
    AmqpBroker(db::Database& database, AmqpBrokerOptions options, Clocks clocks = {});

    Async<void> push(std::vector<Message> messages) override;
    /// What is pushed so is sent by the keep() of this process, or of another a few seconds later.
    Async<void> push_within(db::Db db, std::vector<Message> messages) override;
    Async<bool> revoke(std::string id) override;

    Async<std::vector<Claim>> claim(ClaimRequest request) override;
    Async<std::vector<bool>> settle(std::string worker, std::vector<Settlement> settlements) override;
    Async<BeatAnswer> beat(const WorkerId& worker) override;
    Async<void> leave(std::string worker) override;
    Async<std::vector<Status>> recover(std::chrono::milliseconds lease, int most_deaths) override;
    Async<void> wait(std::span<const std::string> queues, std::chrono::milliseconds most) override;

    /// What is ready is counted by RabbitMQ, while it is there: with what others pushed.
    Async<std::vector<QueueStatus>> queues() override;
    Async<std::uint64_t> retry_dead(std::vector<std::string> ids) override;
    /// Also what others pushed.
    Async<std::uint64_t> purge(std::string queue) override;

    Async<void> keep() override;
    std::string words() const override;
    void each_limit(const std::function<void(runtime::Limit&)>& visit) override;

private:
    using Words = std::vector<std::string>;
    /// A message whose task this process carries out.
    struct Hold {
        amqp::Receipt receipt;
        std::string worker;
        std::string reply_to;  // of somebody else who waits for the result; empty: nobody
    };
    struct Adoption;
    struct Back {
        Held held;
        amqp::Receipt receipt;
    };

    amqp::ConnectionOptions connection_options(std::string name);
    bool is_own(std::string_view queue) const;
    Async<std::string> reply_queue();

    // Sending (amqp_broker_send.cpp).
    Async<void> push_now(std::vector<Message> messages);
    Async<void> send(Words ids);
    Async<void> send_ready(Words ids);
    Async<bool> send_claims(std::vector<Claim> ready);
    Async<amqp::Post> post_of(const Message& message, std::string_view replies);
    Async<void> use_lane(std::string lane);
    Async<void> mark(std::vector<database::Sent> sent);
    Async<void> make_due();
    Async<void> check_outbox();

    // Claiming (amqp_broker_claim.cpp).
    Async<Words> lanes_of(Words queues);
    Async<std::vector<amqp::Delivery>> take(Words lanes, std::size_t most);
    std::shared_ptr<Adoption> adoption_of(std::string_view worker, std::string_view replies,
                                          std::vector<amqp::Delivery> deliveries) const;
    Async<std::optional<std::vector<Claim>>> adopt(std::string worker,
                                                   std::vector<amqp::Delivery> deliveries);
    Async<Words> put_back(std::vector<Back> back);
    Async<void> hand_back(std::vector<amqp::Receipt> receipts);
    Async<void> acknowledge(std::vector<amqp::Receipt> receipts);
    Async<void> answer_again(Adoption& adoption);
    void hold(const Claim& claim, Hold its);
    std::optional<Hold> let_go(const Held& held);
    std::map<Held, Hold> let_go_of(std::string_view worker);
    Async<Words> lanes_in_use();

    // Keeping (amqp_broker_keep.cpp).
    Async<void> keep_step();
    Async<void> hear_replies();
    Async<void> note_lost();
    Async<void> send_leftovers();

    static constexpr std::uint64_t most_waiting_pushes = 4096;
    static constexpr std::uint64_t most_held = 65'536;
    static constexpr std::size_t most_committed = 10'000;

    const AmqpBrokerOptions options_;
    runtime::Limit joined_pushes_{"task_push_queue", most_waiting_pushes};
    runtime::Limit outbox_;   // what is ready and not sent, at the last look
    const std::string name_;  // of this process, among those that look after what is left over
    runtime::Limit holding_{"amqp_unacknowledged", most_held};
    runtime::Seats<Batcher> pushing_;
    const std::shared_ptr<Bell> keeper_bell_ = std::make_shared<Bell>();
    std::mutex mutex_;
    std::map<Held, Hold> holds_;         // guarded by mutex_, as what follows
    std::map<std::string, bool> lanes_;  // that this process has sent to
    Words committed_;                    // ids, pushed within transactions
    std::set<std::string> made_queues_;  // of which it is not noted yet that their messages were lost
    std::string reply_queue_;            // empty: not known yet
    amqp::Link out_;
    amqp::Link in_;
};

}  // namespace brio::tasks
