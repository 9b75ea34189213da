#include <brio/runtime/scope.hpp>

namespace brio::runtime {

// With a unit of work of its own: what is open in one must not seem open in its siblings.
struct Scope::Child : StopCallback {
    Child(Scope& its_scope, Async<void> its_run)
        : StopCallback(
              [](StopCallback& stop, StopReason reason) { static_cast<Child&>(stop).work.stop(reason); }),
          scope(&its_scope),
          run(std::move(its_run)) {
        Work& all = its_scope.work_;
        work.loop = all.loop;
        work.tally = all.tally;
        work.dependencies = all.dependencies;
        work.deadline = all.deadline;
        work.name = all.name;
        work.unit = all.unit;
        work.stopped = all.stopped;
        all.on_stop(*this);
    }

    Scope* scope;
    Work work;
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
    work_.unit = parent.unit;
    parent.on_stop(parent_stopped_);
}

Scope::~Scope() { expect(running_ == 0, "a scope is joined before it ends"); }

void Scope::start(Async<void> child) {
    std::erase_if(children_, [](auto const& each) { return each->has_ended; });
    auto& added = *children_.emplace_back(std::make_unique<Child>(*this, std::move(child)));
    ++running_;
    added.run.start(
        added.work,
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
    template <std::derived_from<PromiseBase> P>
    void await_suspend(std::coroutine_handle<P> handle) const noexcept {
        scope.joining_ = handle;
    }
    void await_resume() const {
        scope.children_.clear();
        if (scope.error_) {
            std::rethrow_exception(std::exchange(scope.error_, {}));
        }
    }
};

Async<void> Scope::join() { co_await Joined{*this}; }

}  // namespace brio::runtime
