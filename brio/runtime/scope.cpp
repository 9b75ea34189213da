#include <brio/runtime/scope.hpp>

namespace brio::runtime {

struct Scope::Child {
    Scope* scope;
    Async<void> run;
    bool has_ended = false;
};

Scope::ParentStopped::ParentStopped(Scope& its_scope) noexcept
    : StopCallback([](StopCallback& stop, StopReason reason) {
          static_cast<ParentStopped&>(stop).scope.work_.stop(reason);
      }),
      scope(its_scope) {}

Scope::Scope(Loop& loop) : parent_stopped_(*this) { work_.loop = &loop; }

Scope::Scope(Work& parent) : parent_stopped_(*this) {
    work_.loop = parent.loop;
    work_.tally = parent.tally;
    work_.dependencies = parent.dependencies;
    work_.deadline = parent.deadline;
    work_.name = parent.name;
    work_.stopped = parent.stopped;
    parent.on_stop(parent_stopped_);
}

Scope::~Scope() { expect(running_ == 0, "a scope is joined before it ends"); }

void Scope::start(Async<void> child) {
    std::erase_if(children_, [](auto const& each) { return each->has_ended; });
    auto& added = *children_.emplace_back(new Child{this, std::move(child)});
    ++running_;
    added.run.start(
        work_,
        [](void* context) { static_cast<Child*>(context)->scope->ended(*static_cast<Child*>(context)); },
        &added);
}

// Whatever goes on here may destroy this scope: each way out does one thing last.
void Scope::ended(Child& child) noexcept {
    child.has_ended = true;
    --running_;
    bool first_failure = false;
    try {
        child.run.result();
    } catch (...) {
        first_failure = !error_;
        if (first_failure) {
            error_ = std::current_exception();
        }
    }
    if (running_ == 0) {
        if (joining_) {
            std::exchange(joining_, {}).resume();
        }
    } else if (first_failure) {
        work_.stop(StopReason::sibling_failed);
    }
}

struct Scope::Joined {
    Scope& scope;
    bool await_ready() const noexcept { return scope.running_ == 0; }
    void await_suspend(std::coroutine_handle<> handle) const noexcept { scope.joining_ = handle; }
    void await_resume() const {
        scope.children_.clear();
        if (scope.error_) {
            std::rethrow_exception(std::exchange(scope.error_, {}));
        }
    }
};

Async<void> Scope::join() { co_await Joined{*this}; }

}  // namespace brio::runtime
