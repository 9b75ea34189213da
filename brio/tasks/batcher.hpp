// Joins what coroutines of one loop push into few calls: all pushes of a turn go together, and what comes
// while a call is under way goes with the next one. A call costs a database a commit.
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

    /// `call` throws runtime::Unavailable when nobody else would fare better. `waiting` bounds the pushes
    /// that wait, over all loops.
    Batcher(Call call, runtime::Limit& waiting) : call_(std::move(call)), waiting_limit_(waiting) {}
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

    Async<void> wait_for(std::shared_ptr<Push> push);
    Async<void> carry_out();
    Async<void> carry_out_each(Pushes pushes);
    Pushes take();
    void pass_on();

    const Call call_;
    runtime::Limit& waiting_limit_;
    std::deque<std::shared_ptr<Push>> waiting_;
    bool is_calling_ = false;
};

}  // namespace brio::tasks
