#include <brio/base/expect.hpp>
#include <brio/runtime/loop.hpp>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <system_error>

namespace brio::runtime {
namespace {

[[noreturn]] void fail(const char* call) { throw std::system_error(errno, std::generic_category(), call); }

}  // namespace

double next_busy(double before, Nanoseconds worked, Nanoseconds elapsed) noexcept {
    constexpr double window = 1e8;  // nanoseconds
    if (elapsed <= Nanoseconds::zero()) {
        return before;
    }
    auto const time = static_cast<double>(elapsed.count());
    auto const share = static_cast<double>(worked.count()) / time;
    return before + (share - before) * std::min(1.0, time / window);
}

Watch::~Watch() { expect(loop_ == nullptr, "a watched descriptor is removed from its loop before it ends"); }

TurnHook::~TurnHook() {
    if (requested_of_ != nullptr) {
        std::ranges::replace(requested_of_->hooks_, this, nullptr);
        std::ranges::replace(requested_of_->hooks_running_, this, nullptr);
    }
}

void LoopEnd::leave() noexcept {
    if (at_ != nullptr) {
        *at_ = next_;
        if (next_ != nullptr) {
            next_->at_ = at_;
        }
        at_ = nullptr;
    }
}

Nanoseconds Loop::read_clock() noexcept {
    timespec at{};
    clock_gettime(CLOCK_MONOTONIC, &at);
    return std::chrono::seconds(at.tv_sec) + Nanoseconds(at.tv_nsec);
}

Loop::Loop(Time time) : events_(new epoll_event[most_events]), time_(time) {
    epoll_ = File(epoll_create1(EPOLL_CLOEXEC));
    if (!epoll_) {
        fail("epoll_create1");
    }
    wakeup_ = File(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    if (!wakeup_) {
        fail("eventfd");
    }
    epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};  // no Watch: the wake-up itself
    if (epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, wakeup_.fd(), &event) != 0) {
        fail("epoll_ctl");
    }
    refresh_now();
}

Loop::~Loop() {
    while (ends_ != nullptr) {
        auto& end = *ends_;
        end.leave();
        end.ended_(end);
    }
}

void Loop::at_end(LoopEnd& end) noexcept {
    end.leave();
    end.next_ = ends_;
    end.at_ = &ends_;
    if (ends_ != nullptr) {
        ends_->at_ = &end.next_;
    }
    ends_ = &end;
}

void Loop::refresh_now() noexcept {
    if (time_ != Time::manual) {
        now_ = read_clock();
    }
}

void Loop::advance(Nanoseconds by) {
    expect(time_ == Time::manual, "only a manual clock is moved by hand");
    auto const target = now_ + by;
    for (auto due = timers_.next_due(); due && *due <= target; due = timers_.next_due()) {
        now_ = std::max(now_, *due);
        timers_.fire(now_);
        run_posted();
        run_hooks();
    }
    now_ = target;
}

void Loop::add(Watch& watch, int fd, std::uint32_t events) {
    expect(watch.loop_ == nullptr, "a watch watches one descriptor at a time");
    epoll_event event{.events = events, .data = {.ptr = &watch}};
    if (epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, fd, &event) != 0) {
        fail("epoll_ctl");
    }
    watch.loop_ = this;
    watch.fd_ = fd;
    watch.events_ = events;
}

void Loop::change(Watch& watch, std::uint32_t events) {
    expect(watch.loop_ == this, "a watch is changed on the loop that has it");
    if (watch.events_ == events) {
        return;
    }
    epoll_event event{.events = events, .data = {.ptr = &watch}};
    if (epoll_ctl(epoll_.fd(), EPOLL_CTL_MOD, watch.fd_, &event) != 0) {
        fail("epoll_ctl");
    }
    watch.events_ = events;
}

void Loop::remove(Watch& watch) noexcept {
    if (watch.loop_ == nullptr) {
        return;
    }
    epoll_ctl(epoll_.fd(), EPOLL_CTL_DEL, watch.fd_, nullptr);
    watch.loop_ = nullptr;
    // Events of this very batch must not reach it any more.
    for (int i = event_at_; i < event_count_; ++i) {
        if (events_[static_cast<std::size_t>(i)].data.ptr == &watch) {
            events_[static_cast<std::size_t>(i)].events = 0;
        }
    }
}

void Loop::post(Posted& posted) noexcept {
    auto* head = posted_.load(std::memory_order_relaxed);
    do {
        posted.next_ = head;
    } while (
        !posted_.compare_exchange_weak(head, &posted, std::memory_order_release, std::memory_order_relaxed));
    if (head == nullptr) {  // the first one wakes; the others find the loop awake
        std::uint64_t const one = 1;
        [[maybe_unused]] auto const written = ::write(wakeup_.fd(), &one, sizeof one);
    }
}

void Loop::stop() noexcept {
    stopping_.store(true, std::memory_order_release);
    std::uint64_t const one = 1;
    [[maybe_unused]] auto const written = ::write(wakeup_.fd(), &one, sizeof one);
}

void Loop::at_turn_end(TurnHook& hook) {
    if (hook.requested_of_ == nullptr) {
        hook.requested_of_ = this;
        hooks_.push_back(&hook);
    }
}

void Loop::run_posted() {
    auto* head = posted_.exchange(nullptr, std::memory_order_acquire);
    Posted* in_order = nullptr;
    while (head != nullptr) {
        auto* next = head->next_;
        head->next_ = in_order;
        in_order = head;
        head = next;
    }
    while (in_order != nullptr) {
        auto& posted = *in_order;
        in_order = posted.next_;
        posted.run_(posted);
    }
}

// Hooks that ask for hooks are followed a few times: then descriptors and timers get their turn.
void Loop::run_hooks() {
    constexpr int most_passes = 4;
    for (int pass = 0; pass < most_passes && !hooks_.empty(); ++pass) {
        hooks_running_.swap(hooks_);
        for (auto* hook : hooks_running_) {
            if (hook == nullptr) {
                continue;
            }
            hook->requested_of_ = nullptr;
            hook->run_(*hook);
        }
        hooks_running_.clear();
    }
}

void Loop::dispatch(int count) {
    event_count_ = count;
    for (event_at_ = 0; event_at_ < event_count_;) {
        auto const& event = events_[static_cast<std::size_t>(event_at_++)];
        if (event.data.ptr == nullptr) {
            std::uint64_t drained = 0;
            [[maybe_unused]] auto const read = ::read(wakeup_.fd(), &drained, sizeof drained);
        } else if (event.events != 0) {
            auto& watch = *static_cast<Watch*>(event.data.ptr);
            watch.ready_(watch, event.events);
        }
    }
    event_count_ = 0;
}

int Loop::wait(Nanoseconds most) noexcept {
    if (time_ == Time::exact) {
        auto const whole = std::chrono::floor<std::chrono::seconds>(most);
        timespec const time{static_cast<time_t>(whole.count()), static_cast<long>((most - whole).count())};
        auto const count = epoll_pwait2(epoll_.fd(), events_.get(), most_events, &time, nullptr);
        if (count >= 0 || errno != ENOSYS) {
            return count;
        }
    }
    auto const wait_ms = std::chrono::ceil<std::chrono::milliseconds>(most).count();
    return epoll_wait(epoll_.fd(), events_.get(), most_events,
                      static_cast<int>(std::min<std::int64_t>(wait_ms, 60'000)));
}

void Loop::turn(Nanoseconds most) {
    if (posted_.load(std::memory_order_relaxed) != nullptr || !hooks_.empty()) {
        most = Nanoseconds::zero();
    } else if (auto const due = timers_.next_due(); due && time_ != Time::manual) {
        most = std::clamp(*due - now_, Nanoseconds::zero(), most);
    }
    auto const count = wait(most);
    if (count < 0 && errno != EINTR) {
        fail("epoll_wait");
    }
    auto const ended_before = now_;
    refresh_now();
    auto const began = now_;
    turn_began_.store(began.count(), std::memory_order_relaxed);
    dispatch(std::max(count, 0));
    run_posted();
    timers_.fire(now_);
    run_hooks();
    refresh_now();
    auto const took = (now_ - began).count();
    turns_[turn_at_] = Nanoseconds(took);
    turn_at_ = turn_at_ + 1 == turns_.size() ? 0 : turn_at_ + 1;
    last_turn_.store(took, std::memory_order_relaxed);
    if (took > worst_turn_.load(std::memory_order_relaxed)) {
        worst_turn_.store(took, std::memory_order_relaxed);
    }
    turn_began_.store(0, std::memory_order_relaxed);
    busy_ = next_busy(busy_, now_ - began, now_ - ended_before);
}

Nanoseconds Loop::worst_turn() const noexcept {
    Nanoseconds const worst(worst_turn_.load(std::memory_order_relaxed));
    auto const began = turn_began_.load(std::memory_order_relaxed);
    auto const has_clock = time_ != Time::manual && began != 0;
    return has_clock ? std::max(worst, read_clock() - Nanoseconds(began)) : worst;
}

Nanoseconds Loop::take_worst_turn() noexcept {
    auto const worst = worst_turn();
    worst_turn_.store(0, std::memory_order_relaxed);
    return worst;
}

void Loop::run() {
    while (!stopping_.load(std::memory_order_acquire)) {
        turn(std::chrono::seconds(60));
    }
    stopping_.store(false, std::memory_order_relaxed);
    run_posted();
    run_hooks();
}

}  // namespace brio::runtime
