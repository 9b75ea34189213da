#include <brio/load/engine.hpp>

#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <thread>

#include <brio/base/clock.hpp>
#include <brio/http/client_tls.hpp>
#include <brio/load/generator.hpp>
#include <brio/load/server_cpu.hpp>
#include <brio/runtime/file.hpp>
#include <brio/runtime/resolve.hpp>

namespace brio::load {

using std::chrono::nanoseconds;

namespace {

constexpr std::size_t spare_files = 128;
constexpr std::size_t files_a_thread = 2;  // its loop's

// The first address of the host where somebody accepts connections.
runtime::Endpoint find_target(const http::ClientUrl& url) {
    auto const found = runtime::look_up(url.host, url.port);
    if (!found) {
        throw NoTarget(url.origin() + ": the name has no address: " + found.error());
    }
    int failure = 0;
    for (auto const& endpoint : *found) {
        runtime::File const socket(::socket(endpoint.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
        timeval const patience{.tv_sec = 5, .tv_usec = 0};
        ::setsockopt(socket.fd(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        if (::connect(socket.fd(), reinterpret_cast<const sockaddr*>(&endpoint.storage), endpoint.size) ==
            0) {
            return endpoint;
        }
        failure = errno;
    }
    throw NoTarget(url.origin() + ": nobody accepts connections there: " + std::strerror(failure));
}

void allow_open_files(std::size_t wanted) {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < wanted) {
        limit.rlim_cur = std::min<rlim_t>(wanted, limit.rlim_max);
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur < wanted) {
        throw std::invalid_argument(
            "this process may open " + std::to_string(limit.rlim_cur) +
            " files, which is too few for the connections and threads that were asked "
            "for: raise `ulimit -n` or ask for fewer");
    }
}

nanoseconds cpu_time(clockid_t clock) noexcept {
    timespec time{};
    ::clock_gettime(clock, &time);
    return std::chrono::seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
}

const Plan& checked(const Plan& plan) {
    if (auto const fault = fault_of(plan); !fault.empty()) {
        throw std::invalid_argument(fault);
    }
    return plan;
}

Origin origin_of(const Plan& plan) {
    auto origin = Origin::of(plan.target);
    if (!origin) {
        throw std::invalid_argument(origin.error());
    }
    return std::move(*origin);
}

}  // namespace

struct Engine::Parts {
    struct Thread {
        std::unique_ptr<Generator> generator;
        std::jthread thread;
    };

    Parts(Plan its_plan, Scenario its_scenario, const EngineOptions& options)
        : plan(std::move(its_plan)),
          scenario(std::move(its_scenario)),
          share(options.share),
          origin(origin_of(checked(plan))),
          endpoint(find_target(origin.url)) {
        if (origin.url.is_secure) {
            tls.emplace(options.certificates);
        }
        allow_open_files(part(plan.connections, share) + files_a_thread * plan.threads + spare_files);
        if (is_of_this_machine(endpoint)) {
            servers = processes_listening_on(origin.url.port);
        }
    }
    // When one of the threads cannot be started too.
    ~Parts() {
        for (auto& each : threads) {
            if (each.thread.joinable()) {
                each.generator->quit();
                each.thread.join();
            }
        }
    }
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;

    // The n-th thread's, among those of all generators of the plan.
    Share share_of(std::size_t n) const noexcept {
        return {.number = share.number * plan.threads + n, .of = share.of * plan.threads};
    }

    const Plan plan;
    const Scenario scenario;
    const Share share;
    const Origin origin;
    const runtime::Endpoint endpoint;
    std::optional<http::ClientTls> tls;
    std::vector<pid_t> servers;
    nanoseconds counts_from{};
    std::vector<Thread> threads;
};

Engine::Engine(Plan plan, Scenario scenario, const EngineOptions& options)
    : parts_(std::make_unique<Parts>(std::move(plan), std::move(scenario), options)) {
    auto& parts = *parts_;
    parts.counts_from = monotonic_now() + parts.plan.warm_up;
    auto const count = parts.plan.threads;
    for (std::size_t n = 0; n < count; ++n) {
        auto const its = parts.share_of(n);
        auto& thread = parts.threads.emplace_back();
        thread.generator = std::make_unique<Generator>(
            GeneratorOptions{.plan = parts.plan,
                             .scenario = parts.scenario,
                             .origin = parts.origin,
                             .connections = {.endpoint = parts.endpoint,
                                             .tls = parts.tls ? &*parts.tls : nullptr,
                                             .host = parts.origin.url.host,
                                             .most = part(parts.plan.connections, its),
                                             .timeout = parts.plan.timeout},
                             .thread = {.number = its.number, .of = its.of},
                             .users = std::max<std::size_t>(1, part(parts.plan.users, its)),
                             .counts_from = parts.counts_from});
        thread.thread = std::jthread([&generator = *thread.generator] { generator.run(); });
        ::pthread_setname_np(thread.thread.native_handle(), "load");
    }
}

Engine::~Engine() {
    for (auto& each : parts_->threads) {
        each.generator->end();
    }
    while (std::ranges::any_of(parts_->threads, [](auto& each) { return !each.generator->is_empty(); })) {
        for (auto& each : parts_->threads) {
            each.generator->give_up();
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

const Plan& Engine::plan() const noexcept { return parts_->plan; }
const Scenario& Engine::scenario() const noexcept { return parts_->scenario; }

void Engine::set_users(const std::vector<std::size_t>& counts) {
    for (std::size_t n = 0; n < parts_->threads.size(); ++n) {
        std::vector<std::size_t> own;
        for (auto const count : counts) {
            own.push_back(part(count, parts_->share_of(n)));
        }
        parts_->threads[n].generator->set_users(own);
    }
}

void Engine::begin_arrivals() {
    for (auto& each : parts_->threads) {
        each.generator->begin_arrivals();
    }
}

Record Engine::take() {
    Record taken;
    for (auto& each : parts_->threads) {
        taken.merge(each.generator->take());
    }
    return taken;
}

std::size_t Engine::users() const noexcept {
    std::size_t all = 0;
    for (auto const& each : parts_->threads) {
        all += each.generator->users();
    }
    return all;
}

nanoseconds Engine::at() const noexcept { return monotonic_now() - parts_->counts_from; }

nanoseconds Engine::end() {
    auto const now = monotonic_now();
    for (auto& each : parts_->threads) {
        each.generator->stop_counting();
    }
    for (auto& each : parts_->threads) {
        each.generator->end();
    }
    return std::max(now - parts_->counts_from, nanoseconds(0));
}

void Engine::wait() {
    auto const until = monotonic_now() + parts_->plan.patience;
    auto const has_some = [&] {
        return std::ranges::any_of(parts_->threads, [](auto& each) { return !each.generator->is_empty(); });
    };
    while (has_some()) {
        if (monotonic_now() >= until) {
            for (auto& each : parts_->threads) {
                each.generator->give_up();
            }
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

std::vector<nanoseconds> Engine::cpu_times() const {
    std::vector<nanoseconds> times;
    for (auto& each : parts_->threads) {
        clockid_t clock{};
        auto const has_clock = ::pthread_getcpuclockid(each.thread.native_handle(), &clock) == 0;
        times.push_back(has_clock ? cpu_time(clock) : nanoseconds(0));
    }
    return times;
}

std::optional<nanoseconds> Engine::server_cpu_time() const { return cpu_time_of(parts_->servers); }

}  // namespace brio::load
