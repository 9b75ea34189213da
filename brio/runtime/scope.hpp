// A place that concurrent coroutines belong to: whoever opens it waits for all of them.
//
// Children run on the opener's loop under a unit of work of their own, which ends with the opener's: a stop
// of the opener stops them; the first that throws stops its siblings, and join() throws what it threw.
#pragma once
#include <memory>
#include <tuple>
#include <vector>

#include <brio/runtime/awaitables.hpp>

namespace brio::runtime {

class Scope {
public:
    /// Under `parent` (`co_await current_work`), or on a loop alone for work without an opener.
    explicit Scope(Work& parent);
    explicit Scope(Loop& loop);
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    /// Every child must have ended: await join() first.
    ~Scope();

    /// Starts `child` at once; it runs until its first suspension before this returns.
    void start(Async<void> child);
    /// Waits until every child has ended; throws what the first failing one threw. Not itself ended by a
    /// stop, so that no child is left behind: the children are stopped and waited for.
    Async<void> join();
    void stop(StopReason reason) { work_.stop(reason); }
    std::size_t running() const noexcept { return running_; }

private:
    struct Child;
    void ended(Child& child) noexcept;

    Work work_;
    struct ParentStopped : StopCallback {
        explicit ParentStopped(Scope& its_scope) noexcept;
        Scope& scope;
    };
    ParentStopped parent_stopped_;
    std::vector<std::unique_ptr<Child>> children_;
    std::size_t running_ = 0;
    std::exception_ptr error_;
    Waiting joining_;

    struct Joined;
};

/// Runs both at once and gives both results; when one throws, the other is stopped and waited for.
template <class... T>
Async<std::tuple<T...>> when_all(Async<T>... parts) {
    Scope scope(co_await current_work);
    std::tuple<std::optional<T>...> results;
    auto collect = []<class U>(Async<U> part, std::optional<U>& into) -> Async<void> {
        into = co_await std::move(part);
    };
    std::apply([&](auto&... into) { (scope.start(collect(std::move(parts), into)), ...); }, results);
    co_await scope.join();
    co_return std::apply([](auto&... each) { return std::tuple<T...>(std::move(*each)...); }, results);
}

}  // namespace brio::runtime
