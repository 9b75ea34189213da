// One connection to a RabbitMQ (AMQP 0-9-1 through librabbitmq, which blocks): for one thread, and never a
// loop's (amqp_link.hpp has the thread). Internal.
//
// Messages are persistent and go to durable classic queues by the default exchange. Publishes are confirmed
// by the server (rabbitmq.com/confirms.html); what is taken is unacknowledged until it is settled, and goes
// back by itself when the connection ends. Every call ends within the time-out.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <brio/tasks/amqp_confirms.hpp>
#include <brio/tasks/amqp_url.hpp>

namespace brio::tasks::amqp {

/// The connection is of no use any more: what was not answered may have been carried out or not.
class Failure : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The server does not let this user have the queue; the connection goes on.
class Refused : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Bytes of a queue's name, and of a message's body.
inline constexpr std::size_t longest_queue = 240;
inline constexpr std::size_t largest_body = std::size_t{64} << 20;

/// A message with its properties.
struct Post {
    std::string queue;
    std::string headers = "{}";  // JSON object
    std::string body;
    std::string content_type = "application/json";
    std::string correlation_id;
    std::string reply_to;
    std::uint8_t priority = 0;
    bool is_persistent = true;
    bool makes_queue = true;  // else it is not confirmed where there is none
};

/// Names what was taken over one connection.
struct Receipt {
    std::uint64_t connection = 0;  // a number of its own for each
    std::uint16_t channel = 0;
    std::uint64_t tag = 0;
};
struct Delivery {
    Receipt receipt;
    Post post;
    bool is_again = false;  // the server gave it to somebody before
};

struct ConnectionOptions {
    AmqpAddress address;
    std::string name = "brio";  // as the server's administrators see it
    std::chrono::milliseconds timeout{5000};
    std::chrono::seconds heartbeat{10};
    /// Told of each queue that declare() found absent, at once.
    std::function<void(std::string)> made = [](std::string) {};
};

class Connection {
public:
    /// Connects. Throws Failure with what the server said.
    explicit Connection(const ConnectionOptions& options);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    std::uint64_t number() const noexcept { return number_; }
    int descriptor() const noexcept;
    /// The server takes no messages for now: its memory or its disk runs out.
    bool is_blocked() const noexcept { return is_blocked_; }

    /// Makes the queue unless it is there, with whatever arguments. Throws Refused, as do all that name a
    /// queue. Cost: some round trips, once a name.
    void declare(const std::string& queue);
    /// How many wait in it: none where there is no such queue.
    std::uint32_t count(const std::string& queue);
    /// Drops what waits in it; gives how many.
    std::uint32_t purge(const std::string& queue);

    /// Sends it; `into` hears of place `at` in pump(), and lives until then or until the connection has
    /// gone. What no queue takes is not confirmed, and its queue is declared again.
    void publish(const Post& post, Confirmations& into, std::size_t at);
    std::size_t unconfirmed() const noexcept { return unconfirmed_.size(); }

    /// At most `most` of the queue, the first first.
    std::vector<Delivery> get(const std::string& queue, std::size_t most);
    void acknowledge(const Receipt& receipt);
    /// Back to where it was.
    void give_back(const Receipt& receipt);
    /// Returns once all that was sent before is carried out.
    void finish_sending();

    enum class Purpose : std::uint8_t { wake = 3, replies = 4 };
    /// From now on pump() finds messages of this queue.
    void consume(const std::string& queue, Purpose purpose);
    void stop_consuming(const std::string& queue, Purpose purpose);
    /// At most so many unsettled ones come of all queues that are consumed for this purpose; 1 at first.
    void set_most(Purpose purpose, std::size_t most);
    /// Of those, what pump() found.
    std::size_t unsettled(Purpose purpose) const { return consumed_.at(purpose).unsettled; }

    /// Takes what has arrived without waiting; gives deliveries of consumers. Sends heartbeats: to be called
    /// at least every few seconds.
    std::vector<Delivery> pump();

private:
    struct Library;
    struct Partial;
    void expect_well(const std::string& what);
    bool read_frame(std::chrono::milliseconds most);
    void method_arrived(void* frame);
    void content_arrived(std::uint16_t channel);
    void returned(const Post& post);
    void settled(const Receipt& receipt);
    void limit_channel(std::uint16_t channel, std::uint16_t most);
    void check_sent(int status, const char* what);
    void open_channel(std::uint16_t channel);
    bool is_there(const std::string& queue);
    std::string refusal_of_queue(const std::string& queue);

    const ConnectionOptions options_;
    const std::uint64_t number_;
    std::unique_ptr<Library> library_;
    Unconfirmed unconfirmed_;
    std::map<std::uint16_t, Partial> partial_;  // by channel
    std::vector<Delivery> delivered_;           // of consumers
    std::vector<Delivery> got_;
    std::optional<std::uint32_t> left_;  // in the queue behind the last that get() got
    std::size_t empty_ = 0;              // answers to get()
    struct Consumed {
        std::uint16_t most = 1;
        std::size_t unsettled = 0;
    };
    std::map<Purpose, Consumed> consumed_{{Purpose::wake, {}}, {Purpose::replies, {}}};
    std::set<std::string> declared_;
    bool is_blocked_ = false;
};

}  // namespace brio::tasks::amqp
