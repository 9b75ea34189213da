#include <brio/tasks/batcher.hpp>

#include <algorithm>

#include <brio/runtime/errors.hpp>
#include <brio/runtime/scope.hpp>

namespace brio::tasks {

namespace {

std::size_t bytes_of(const std::vector<Message>& messages) {
    std::size_t bytes = 0;
    for (const Message& each : messages) {
        bytes += each.args.size() + each.kwargs.size() + each.embed.size();
    }
    return bytes;
}

}  // namespace

/// Of one that waits. Whoever leaves early is left out, and the next call is made by another.
class Batcher::Place {
public:
    Place(Batcher& batcher, std::shared_ptr<Push> push) : batcher_(batcher), push_(std::move(push)) {
        if (!batcher_.waiting_limit_.try_take()) {
            throw runtime::Overloaded(batcher_.waiting_limit_.name());
        }
        batcher_.waiting_.push_back(push_);
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() {
        batcher_.waiting_limit_.give_back();
        std::erase(batcher_.waiting_, push_);
        batcher_.pass_on();
    }

private:
    Batcher& batcher_;
    const std::shared_ptr<Push> push_;
};

Async<void> Batcher::push(std::vector<Message> messages) {
    const auto push = std::make_shared<Push>();
    push->messages = std::move(messages);
    const Place place(*this, push);
    co_await wait_for(push);
    if (push->error) {
        std::rethrow_exception(push->error);
    }
}

/// One that waits no more is part of a call.
bool Batcher::may_call(const Push& push) const {
    return calling_ < calls_at_a_time_ && !is_gathering_ &&
           std::ranges::any_of(waiting_, [&](const auto& each) { return each.get() == &push; });
}

Async<void> Batcher::wait_for(std::shared_ptr<Push> push) {
    auto& work = co_await runtime::current_work;
    while (!push->is_done) {
        if (!may_call(*push)) {
            co_await push->told.wait();
            continue;
        }
        ++calling_;
        struct Calling {
            std::size_t& calling;
            ~Calling() { --calling; }
        } const calling{calling_};
        // Whatever becomes of who makes the call: others wait for it.
        runtime::Scope scope(*work.loop);
        scope.start(carry_out());
        co_await scope.join();
    }
}

/// What else is pushed in this turn goes along.
Async<Batcher::Pushes> Batcher::gather() {
    is_gathering_ = true;
    struct Gathering {
        bool& is;
        ~Gathering() { is = false; }
    } const gathering{is_gathering_};
    co_await runtime::sleep_for({});
    co_return take();
}

Async<void> Batcher::carry_out() {
    const Pushes pushes = co_await gather();
    pass_on();
    if (pushes.empty()) {
        co_return;
    }
    std::vector<Message> all;
    for (const auto& each : pushes) {
        all.insert(all.end(), each->messages.begin(), each->messages.end());
    }
    std::exception_ptr error;
    bool is_anybodys = false;  // of those whose messages these are
    try {
        co_await call_(std::move(all));
    } catch (const runtime::Unavailable&) {
        error = std::current_exception();
    } catch (...) {
        error = std::current_exception();
        is_anybodys = pushes.size() > 1;
    }
    if (is_anybodys) {
        co_await carry_out_each(pushes);
    }
    for (const auto& each : pushes) {
        each->error = is_anybodys ? each->error : error;
        each->is_done = true;
        each->told.notify_all();
    }
}

Async<void> Batcher::carry_out_each(Pushes pushes) {
    std::exception_ptr away;  // then those after it fare no better
    for (const auto& each : pushes) {
        if (away) {
            each->error = away;
            continue;
        }
        try {
            co_await call_(each->messages);
        } catch (const runtime::Unavailable&) {
            each->error = away = std::current_exception();
        } catch (...) {
            each->error = std::current_exception();
        }
    }
}

Batcher::Pushes Batcher::take() {
    Pushes taken;
    std::size_t count = 0;
    std::size_t bytes = 0;
    while (!waiting_.empty()) {
        count += waiting_.front()->messages.size();
        bytes += bytes_of(waiting_.front()->messages);
        if (!taken.empty() && (count > most_messages || bytes > most_bytes)) {
            break;
        }
        taken.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
    }
    return taken;
}

void Batcher::pass_on() {
    if (!waiting_.empty() && may_call(*waiting_.front())) {
        waiting_.front()->told.notify_all();
    }
}

}  // namespace brio::tasks
