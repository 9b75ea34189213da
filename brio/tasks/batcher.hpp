// Joins what coroutines of one loop push into few calls: all pushes of a turn go together, and what comes
// while a call is under way (or as many as are of use) goes with the next one. A call costs a database a
// commit; Redis has two under way, so that it works while the loop reads what it answered.
//
// One of those that push makes the call for all that wait, so nothing here outlives them. Where it fails for
// another reason than the database's being away, each push is carried out alone: nobody fails for another's
// fault.
#pragma once
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <vector>

#include <brio/runtime/async.hpp>
#include <brio/runtime/awaitables.hpp>
#include <brio/runtime/limit.hpp>
#include <brio/tasks/message.hpp>

namespace brio::tasks {

/// For one loop.
class Batcher {
public:
    using Call = std::function<Async<void>(std::vector<Message>)>;
    /// Messages and bytes of payload of one call, unless a single push has more.
    static constexpr std::size_t most_messages = 1000;
    static constexpr std::size_t most_bytes = std::size_t{4} << 20;

    /// `call` carries out what it is given in the order of calls, also of two that are under way at a time,
    /// and throws runtime::Unavailable when nobody else would fare better. `waiting` bounds the pushes that
    /// wait, over all loops.
    Batcher(Call call, runtime::Limit& waiting, std::size_t calls_at_a_time = 1)
        : call_(std::move(call)),
          waiting_limit_(waiting),
          calls_at_a_time_(calls_at_a_time) {}
    Batcher(const Batcher&) = delete;
    Batcher& operator=(const Batcher&) = delete;

    /// Once it is carried out; throws what its call threw, runtime::Overloaded when too many wait, and
    /// Cancelled: then it may be carried out all the same, as when it had begun.
    Async<void> push(std::vector<Message> messages);

private:
    struct Push {
        std::vector<Message> messages;
        std::exception_ptr error;
        bool is_done = false;
        runtime::WaitList told;  // that it is done, or is to make the next call
    };
    using Pushes = std::vector<std::shared_ptr<Push>>;
    class Place;

    bool may_call(const Push& push) const;
    Async<void> wait_for(std::shared_ptr<Push> push);
    Async<Pushes> gather();
    Async<void> carry_out();
    Async<void> carry_out_each(Pushes pushes);
    Pushes take();
    void pass_on();

    const Call call_;
    runtime::Limit& waiting_limit_;
    std::deque<std::shared_ptr<Push>> waiting_;
    const std::size_t calls_at_a_time_;
    std::size_t calling_ = 0;
    bool is_gathering_ = false;  // a call that has not taken its pushes yet
};

}  // namespace brio::tasks
