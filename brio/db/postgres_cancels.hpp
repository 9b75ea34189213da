// Cancels on their way from the loops that ask for them to the keeper's thread, which has the server carry
// them out, and back. Internal.
#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include <brio/runtime/async.hpp>
#include <brio/runtime/loop.hpp>

namespace brio::db::postgres {

class Cancels {
public:
    /// One that somebody waits for.
    struct Cancel;
    using List = std::vector<std::shared_ptr<Cancel>>;

    /// `wake` makes the keeper take what is asked; on any thread.
    explicit Cancels(std::function<void()> wake) : wake_(std::move(wake)) {}
    Cancels(const Cancels&) = delete;
    Cancels& operator=(const Cancels&) = delete;

    /// Ends when it is answered, or when the work is stopped. On a loop.
    Async<void> ask(int server_process);

    /// Those that were asked for since it was called last; each is to be answered, whatever became of it.
    List take();
    void answer(List cancels);

private:
    class Wait;
    std::shared_ptr<Cancel> take_posted(const Cancel& cancel);

    const std::function<void()> wake_;
    std::mutex mutex_;
    List asked_;   // guarded by mutex_
    List posted_;  // guarded by mutex_: on their way to their loops
};

struct Cancels::Cancel : runtime::Posted {
    Cancel(Cancels& its_cancels, int its_process, runtime::Loop& its_loop);
    void arrive();

    Cancels& cancels;
    const int server_process;
    runtime::Loop& loop;
    runtime::Waiting waiting;  // of the loop's thread only
};

}  // namespace brio::db::postgres
