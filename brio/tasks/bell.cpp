#include <brio/tasks/bell.hpp>

#include <brio/runtime/awaitables.hpp>
#include <brio/runtime/within.hpp>

namespace brio::tasks {

/// One loop's waiters.
struct Bell::Ear : runtime::Posted, runtime::LoopEnd, std::enable_shared_from_this<Ear> {
    explicit Ear(runtime::Loop& its_loop)
        : Posted([](Posted& posted) { static_cast<Ear&>(posted).hear(); }),
          LoopEnd([](LoopEnd& end) { static_cast<Ear&>(end).give_up(); }),
          loop(&its_loop) {}

    void ring() {
        const std::scoped_lock lock(mutex);
        if (loop != nullptr && posted == nullptr) {
            posted = shared_from_this();
            loop->post(*this);
        }
    }
    void hear() {
        std::shared_ptr<Ear> keep;
        {
            const std::scoped_lock lock(mutex);
            keep = std::move(posted);
        }
        waiters.notify_all();
    }
    void give_up() {
        std::shared_ptr<Ear> keep;  // ends after the lock
        const std::scoped_lock lock(mutex);
        loop = nullptr;
        keep = std::move(posted);
    }

    std::mutex mutex;
    runtime::Loop* loop;          // guarded by mutex; null: it has ended
    std::shared_ptr<Ear> posted;  // guarded by mutex: itself, while the loop is to run it
    // Of the loop's thread.
    runtime::WaitList waiters;
    std::uint64_t known = 0;  // how often it had rung at the last look
};

Bell::Bell() = default;
Bell::~Bell() = default;

Bell::Ear& Bell::ear_of(runtime::Loop& loop) {
    return *seats_
                .of(loop,
                    [&] {
                        auto ear = std::make_shared<Ear>(loop);
                        loop.at_end(*ear);
                        const std::scoped_lock lock(mutex_);
                        std::erase_if(ears_, [](const auto& each) {
                            const std::scoped_lock its_lock(each->mutex);
                            return each->loop == nullptr;
                        });
                        ears_.push_back(ear);
                        return std::make_unique<Seat>(std::move(ear));
                    })
                .ear;
}

void Bell::ring() noexcept {
    rung_.fetch_add(1);
    if (waiting_.load() == 0) {
        return;
    }
    const std::scoped_lock lock(mutex_);
    for (const auto& ear : ears_) {
        ear->ring();
    }
}

void Bell::look(runtime::Loop& loop) { ear_of(loop).known = rung_.load(); }

Async<void> Bell::wait(std::chrono::milliseconds most) {
    auto& work = co_await runtime::current_work;
    work.check();
    Ear& ear = ear_of(*work.loop);
    struct Counted {
        explicit Counted(std::atomic<std::uint64_t>& its_count) : count(its_count) { count.fetch_add(1); }
        ~Counted() { count.fetch_sub(1); }
        Counted(const Counted&) = delete;
        Counted& operator=(const Counted&) = delete;
        std::atomic<std::uint64_t>& count;
    };
    // Counted first: whoever rings either sees this waiter, or has rung before the comparison.
    const Counted counted(waiting_);
    if (rung_.load() != ear.known) {
        co_return;
    }
    co_await runtime::within(most, [](runtime::WaitList* waiters) -> Async<bool> {
        co_await waiters->wait();
        co_return true;
    }(&ear.waiters));
}

}  // namespace brio::tasks
