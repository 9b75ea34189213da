#include <brio/runtime/sampler.hpp>

#include <dlfcn.h>
#include <signal.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>
#include <unwind.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <memory>

#include <brio/base/clock.hpp>
#include <brio/base/expect.hpp>
#include <brio/ledger/ledger.hpp>
#include <brio/runtime/async.hpp>
#include <brio/runtime/running.hpp>

namespace brio::runtime {

namespace {

[[gnu::tls_model("initial-exec")]] constinit thread_local std::atomic<SampledThread*> sampled_thread{nullptr};

std::uint64_t now_of(clockid_t clock) noexcept {
    timespec time{};
    ::clock_gettime(clock, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U +
           static_cast<std::uint64_t>(time.tv_nsec);
}

std::uint64_t place_of(const void* context) noexcept {
    const auto& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
    return static_cast<std::uint64_t>(machine.gregs[REG_RIP]);
#elif defined(__aarch64__)
    return machine.pc;
#else
    (void)machine;
    return 0;
#endif
}

#if defined(__has_feature) && __has_feature(address_sanitizer)
// Locals stand elsewhere: the address of one is no place on the stack.
constexpr bool ends_at_a_local = false;
#else
constexpr bool ends_at_a_local = true;
#endif

/// Addresses of a module's code.
struct Code {
    std::uint64_t from = 0;
    std::uint64_t to = 0;

    bool has(std::uint64_t address) const noexcept { return from <= address && address < to; }
};

Code module_of(const void* address) noexcept {
    dl_find_object found{};
    if (::_dl_find_object(const_cast<void*>(address), &found) != 0) {
        return {};
    }
    return {.from = reinterpret_cast<std::uint64_t>(found.dlfo_map_start),
            .to = reinterpret_cast<std::uint64_t>(found.dlfo_map_end)};
}

/// The unwinder's own. Before it gives control to whoever catches, it writes that one's registers over those
/// that its own frame has kept of its caller: a walk from there leads anywhere, and the process to its end.
const Code unwinder = module_of(reinterpret_cast<const void*>(&::_Unwind_Backtrace));

/// From the interrupted function outwards, to where the unit of work was let go on.
struct Walk {
    Sample& sample;
    std::uint64_t place;
    std::uint64_t end;  // frames beyond this address are the machinery's; 0: none are
    bool is_inside = false;
};

_Unwind_Reason_Code step(_Unwind_Context* frame, void* data) noexcept {
    auto& walk = *static_cast<Walk*>(data);
    const std::uint64_t address = ::_Unwind_GetIP(frame);
    if (!walk.is_inside && address != walk.place) {
        return _URC_NO_REASON;  // the handler's own
    }
    if (address == 0 || walk.sample.frame_count == Sample::most_frames) {
        return _URC_END_OF_STACK;
    }
    // The unwinder gives where the frame's callee ends: with the first beyond, the one before has the
    // Running.
    if (walk.end != 0 && ::_Unwind_GetCFA(frame) > walk.end) {
        walk.sample.frame_count -= walk.sample.frame_count > 1 ? 1 : 0;
        return _URC_END_OF_STACK;
    }
    // All but the innermost are where a call returns to: the call is before that.
    walk.sample.frames[walk.sample.frame_count++] = walk.is_inside ? address - 1 : address;
    walk.is_inside = true;
    return _URC_NO_REASON;
}

void walk(Walk from) noexcept {
    if (!unwinder.has(from.place)) {
        ::_Unwind_Backtrace(&step, &from);
    }
    if (!from.is_inside) {
        from.sample.frames[from.sample.frame_count++] = from.place;
    }
}

/// A suspended coroutine's frame begins with the address of what resumes it, in the ABI that compilers share.
void add_callers(Sample& sample, const PromiseBase* innermost) noexcept {
    for (const PromiseBase* each = innermost; each != nullptr && each->continuation; each = each->caller) {
        if (sample.caller_count == Sample::most_callers) {
            return;
        }
        sample.callers[sample.caller_count++] =
            *static_cast<const std::uint64_t*>(each->continuation.address());
    }
}

void describe(Sample& sample, const Running& running) noexcept {
    sample.unit = reinterpret_cast<std::uint64_t>(running.unit());
    sample.name = running.name();
    if (running.is_elsewhere()) {
        sample.phase = static_cast<std::uint8_t>(running.phase());
    } else if (const Work* const work = running.work()) {
        if (work->ledger != nullptr) {
            sample.phase = static_cast<std::uint8_t>(work->ledger->current());
        }
        add_callers(sample, work->innermost.load(std::memory_order_relaxed));
    }
}

}  // namespace

constinit std::atomic<Sampler*> Sampler::installed_{nullptr};

struct Handling {
    static void on_signal(int, siginfo_t*, void* context) {
        const int error = errno;
        if (SampledThread* const thread = sampled_thread.load(std::memory_order_relaxed)) {
            take(*thread, context);
        }
        errno = error;
    }

    static void take(SampledThread& thread, const void* context) noexcept {
        const Ticks begun = ticks();
        Sample sample;
        sample.at_ns = now_of(CLOCK_MONOTONIC);
        const auto cpu = now_of(CLOCK_THREAD_CPUTIME_ID);
        sample.cpu_ns = cpu - thread.cpu_before_ns_;
        thread.cpu_before_ns_ = cpu;
        const Running* const running = Running::here();
        if (running != nullptr && !running->name().empty()) {
            describe(sample, *running);
        } else {
            sample.name = thread.name_.view();
        }
        walk({.sample = sample,
              .place = place_of(context),
              .end = ends_at_a_local && sample.is_of_work() ? reinterpret_cast<std::uint64_t>(running) : 0});
        SampleRing& ring = *thread.ring_;
        const auto before = ring.written.load(std::memory_order_relaxed);
        ring.slots[before % SampleRing::most].write(sample);
        ring.written.store(before + 1, std::memory_order_release);
        if (const auto rate = thread.rings_->rate.load(std::memory_order_relaxed); rate != thread.rate_) {
            thread.set_timer(rate);
        }
        ring.handler_ns.fetch_add(ticks_to_ns(ticks() - begun), std::memory_order_relaxed);
    }
};

Sampler::Sampler(SampleRings& rings, std::uint32_t rate, metrics::Registry& registry) : rings_(rings) {
    set_rate(rate);
    ::_Unwind_Backtrace([](_Unwind_Context*, void*) { return _URC_END_OF_STACK; },
                        nullptr);  // what it prepares at its first use is too late in a handler
    struct sigaction action{};
    action.sa_sigaction = &Handling::on_signal;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    ::sigaction(SIGPROF, &action, nullptr);  // stays when this ends: a signal may be under way
    shown_.push_back(registry.counter_of(
        {.name = "profile_samples_total", .help = "Looks at where threads are.", .labels = {}}, {}, [this] {
            std::uint64_t sum = 0;
            for (const SampleRing& ring : rings_.rings) {
                sum += ring.written.load(std::memory_order_relaxed);
            }
            return static_cast<double>(sum);
        }));
    shown_.push_back(registry.counter_of({.name = "profile_sampling_seconds_total",
                                          .help = "Processor time that taking samples has cost.",
                                          .labels = {}},
                                         {}, [this] { return static_cast<double>(spent_ns()) / 1e9; }));
    shown_.push_back(registry.counter_of(
        {.name = "profile_threads_left_out_total",
         .help = "Threads that are not sampled: there are more than can be.",
         .labels = {}},
        {}, [this] { return static_cast<double>(rings_.without_ring.load(std::memory_order_relaxed)); }));
    Sampler* none = nullptr;
    expect(installed_.compare_exchange_strong(none, this), "a process has one Sampler at a time");
}

Sampler::~Sampler() { installed_.store(nullptr, std::memory_order_release); }

void Sampler::set_rate(std::uint32_t rate) noexcept {
    rings_.rate.store(std::clamp(rate, 1U, most_rate), std::memory_order_relaxed);
}

std::uint64_t Sampler::spent_ns() const noexcept {
    std::uint64_t sum = 0;
    for (const SampleRing& ring : rings_.rings) {
        sum += ring.handler_ns.load(std::memory_order_relaxed);
    }
    return sum;
}

void Sampler::add_stacks(ledger::SlowWork& work, const void* unit, std::chrono::nanoseconds since) const {
    const auto begun = static_cast<std::uint64_t>(std::max<std::int64_t>(since.count(), 0));
    const auto wanted = reinterpret_cast<std::uint64_t>(unit);
    std::vector<ledger::SlowWork::Stack> stacks;
    Sample sample;
    const auto add = [&] {
        ledger::SlowWork::Stack stack{.seen = 1};
        const auto put = [&](const auto& addresses, std::size_t count) {
            for (std::size_t i = 0; i < count && stack.depth < stack.frames.size(); ++i) {
                stack.frames[stack.depth++] = addresses[i];
            }
        };
        put(sample.frames, sample.frame_count);
        put(sample.callers, sample.caller_count);
        const auto same = std::ranges::find(stacks, stack.frames, &ledger::SlowWork::Stack::frames);
        if (same != stacks.end()) {
            ++same->seen;
        } else {
            stacks.push_back(stack);
        }
    };
    for (const SampleRing& ring : rings_.rings) {
        if (ring.process.load(std::memory_order_relaxed) != ::getpid()) {
            continue;
        }
        const auto written = ring.written.load(std::memory_order_acquire);
        for (auto i = written; i > 0 && i + SampleRing::most > written; --i) {
            if (!ring.slots[(i - 1) % SampleRing::most].read(sample)) {
                continue;  // a process died while it wrote there
            }
            if (sample.at_ns < begun) {
                break;
            }
            if (sample.unit == wanted) {
                add();
            }
        }
    }
    std::ranges::sort(stacks, std::ranges::greater(), &ledger::SlowWork::Stack::seen);
    work.stack_count = static_cast<std::uint8_t>(std::min(stacks.size(), work.stacks.size()));
    std::copy_n(stacks.begin(), work.stack_count, work.stacks.begin());
}

Sampler::Reader::Reader(const SampleRings& rings) : rings_(rings) {
    for (std::size_t i = 0; i < seen_.size(); ++i) {
        seen_[i] = rings.rings[i].written.load(std::memory_order_acquire);
    }
}

std::uint64_t Sampler::Reader::read(const std::function<void(const Sample&, pid_t process)>& visit) {
    std::uint64_t lost = 0;
    Sample sample;
    for (std::size_t i = 0; i < seen_.size(); ++i) {
        const SampleRing& ring = rings_.rings[i];
        const auto written = ring.written.load(std::memory_order_acquire);
        if (written - seen_[i] > SampleRing::most) {
            lost += written - seen_[i] - SampleRing::most;
            seen_[i] = written - SampleRing::most;
        }
        const auto process = ring.process.load(std::memory_order_relaxed);
        for (; seen_[i] < written; ++seen_[i]) {
            if (ring.slots[seen_[i] % SampleRing::most].read(sample)) {
                visit(sample, process);
            } else {
                ++lost;
            }
        }
    }
    return lost;
}

SampledThread::SampledThread(std::string_view name) noexcept {
    name_ = name;
    const Sampler* const sampler = Sampler::here();
    if (sampler == nullptr || sampled_thread.load(std::memory_order_relaxed) != nullptr) {
        return;
    }
    rings_ = &sampler->rings_;
    for (SampleRing& ring : rings_->rings) {
        pid_t owner = ring.process.load(std::memory_order_relaxed);
        const bool is_free = owner == 0 || (::kill(owner, 0) != 0 && errno == ESRCH);
        if (is_free && ring.process.compare_exchange_strong(owner, ::getpid())) {
            ring_ = &ring;
            break;
        }
    }
    if (ring_ == nullptr) {
        rings_->without_ring.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    sigevent event{};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SIGPROF;
    event._sigev_un._tid = ::gettid();
    timer_t timer{};
    if (::timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer) != 0) {
        rings_->without_ring.fetch_add(1, std::memory_order_relaxed);
        std::exchange(ring_, nullptr)->process.store(0);
        return;
    }
    timer_ = timer;
    cpu_before_ns_ = now_of(CLOCK_THREAD_CPUTIME_ID);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    sampled_thread.store(this, std::memory_order_relaxed);  // whole: anybody may send the signal
    sigset_t let_through;
    sigemptyset(&let_through);
    sigaddset(&let_through, SIGPROF);
    ::pthread_sigmask(SIG_UNBLOCK, &let_through, nullptr);
    set_timer(rings_->rate.load(std::memory_order_relaxed));
}

SampledThread::~SampledThread() {
    if (ring_ == nullptr) {
        return;
    }
    sampled_thread.store(nullptr, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    ::timer_delete(timer_);
    ring_->process.store(0, std::memory_order_release);
}

void SampledThread::set_timer(std::uint32_t rate) noexcept {
    rate_ = rate;
    const long period = 1'000'000'000L / static_cast<long>(std::clamp(rate, 1U, Sampler::most_rate));
    itimerspec times{};
    times.it_interval.tv_sec = period / 1'000'000'000L;
    times.it_interval.tv_nsec = period % 1'000'000'000L;
    times.it_value = times.it_interval;
    ::timer_settime(timer_, 0, &times, nullptr);
}

}  // namespace brio::runtime
