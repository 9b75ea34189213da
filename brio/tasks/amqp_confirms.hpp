// What a RabbitMQ has not confirmed yet of what was published over one channel, and what becomes of it: pure
// (rabbitmq.com/confirms.html). Internal.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace brio::tasks::amqp {

/// What became of publishes, each in its place.
struct Confirmations {
    explicit Confirmations(std::size_t count) : is_confirmed(count, false), open(count) {}
    std::vector<bool> is_confirmed;
    std::size_t open;  // not known yet
};

class Unconfirmed {
public:
    struct Publish {
        Confirmations& into;  // hears of place `at`; lives until then, or as long as this
        std::size_t at;
        std::string queue;
        std::string correlation_id;
    };

    /// The next one sent: the server counts them from 1.
    void sent(Publish publish);
    /// It has taken this one, or refused it; with `is_multiple` all up to it that are open.
    void confirmed(std::uint64_t number, bool is_multiple, bool is_well);
    /// Nobody has the queue any more: the server says so, and confirms the publish all the same right after.
    void returned(const std::string& queue, const std::string& correlation_id);

    std::size_t size() const noexcept { return open_.size(); }

private:
    struct Open {
        Publish publish;
        bool is_returned = false;
    };
    std::map<std::uint64_t, Open> open_;  // by the number of the publish
    std::uint64_t sent_ = 0;
};

}  // namespace brio::tasks::amqp
