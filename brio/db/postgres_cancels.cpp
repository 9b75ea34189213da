#include <brio/db/postgres_cancels.hpp>

#include <algorithm>
#include <utility>

#include <brio/runtime/work.hpp>

namespace brio::db::postgres {

Cancels::Cancel::Cancel(Cancels& its_cancels, int its_process, runtime::Loop& its_loop)
    : Posted([](Posted& posted) { static_cast<Cancel&>(posted).arrive(); }),
      cancels(its_cancels),
      server_process(its_process),
      loop(its_loop) {}

void Cancels::Cancel::arrive() {
    const auto self = cancels.take_posted(*this);
    if (waiting) {
        std::exchange(waiting, {}).resume();
    }
}

class Cancels::Wait : runtime::StopCallback {
public:
    Wait(Cancels& cancels, std::shared_ptr<Cancel> cancel)
        : StopCallback([](StopCallback& stop, runtime::StopReason) { static_cast<Wait&>(stop).go_on(); }),
          cancels_(cancels),
          cancel_(std::move(cancel)) {}
    Wait(const Wait&) = delete;
    ~Wait() { cancel_->waiting = {}; }

    bool await_ready() const noexcept { return false; }
    template <std::derived_from<runtime::PromiseBase> P>
    void await_suspend(std::coroutine_handle<P> handle) {
        work_ = handle.promise().work;
        cancel_->waiting = handle;
        {
            const std::scoped_lock lock(cancels_.mutex_);
            cancels_.asked_.push_back(cancel_);
        }
        cancels_.wake_();
        work_->on_stop(*this);
    }
    void await_resume() const { work_->check(); }

private:
    void go_on() {
        if (cancel_->waiting) {
            std::exchange(cancel_->waiting, {}).resume();
        }
    }
    Cancels& cancels_;
    std::shared_ptr<Cancel> cancel_;
    runtime::Work* work_ = nullptr;
};

Async<void> Cancels::ask(int server_process) {
    auto& work = co_await runtime::current_work;
    work.check();
    co_await Wait(*this, std::make_shared<Cancel>(*this, server_process, *work.loop));
}

Cancels::List Cancels::take() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(asked_, {});
}

void Cancels::answer(List cancels) {
    for (const auto& cancel : cancels) {
        {
            const std::scoped_lock lock(mutex_);
            posted_.push_back(cancel);
        }
        cancel->loop.post(*cancel);
    }
}

std::shared_ptr<Cancels::Cancel> Cancels::take_posted(const Cancel& cancel) {
    const std::scoped_lock lock(mutex_);
    const auto at = std::ranges::find(posted_, &cancel, &std::shared_ptr<Cancel>::get);
    auto taken = std::move(*at);
    posted_.erase(at);
    return taken;
}

}  // namespace brio::db::postgres
