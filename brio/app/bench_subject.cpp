#include <brio/app/bench_subject.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include <brio/app/backend.hpp>
#include <brio/app/database_commands.hpp>
#include <brio/app/goal_keeper.hpp>
#include <brio/app/server_options.hpp>
#include <brio/app/serving_thread.hpp>
#include <brio/app/standard_routes.hpp>
#include <brio/base/expect.hpp>
#include <brio/base/text.hpp>
#include <brio/bench/allocations.hpp>
#include <brio/bench/caller.hpp>
#include <brio/bench/protocol.hpp>
#include <brio/bench/system_calls.hpp>
#include <brio/json/read.hpp>
#include <brio/json/write.hpp>
#include <brio/runtime/socket.hpp>
#include <brio/watch/work_reading.hpp>

namespace brio::app {

namespace {

// Requests between two turns of the loop that has them on a memory link: timers and what other threads post.
constexpr std::uint32_t rests_every = 32;

class Subject {
public:
    Subject(Program& program, const Settings& settings, bool over_socket)
        : registry_(metrics::Edges(goal_rules(program, settings).edges())),
          request_metrics_(registry_),
          backend_(program, settings, registry_),
          readiness_(backend_.database
                         ? [database = backend_.database.get()] { return check_database(database); }
                         : Readiness::Check()),
          standard_(program.router,
                    {.title = program.name, .version = program.version, .description = program.description}),
          seat_(registry_) {
        backend_.services.add(readiness_);
        standard_.add();
        apply_deadline(program.router, settings);
        auto options = api_options(settings);
        options.measures = true;  // the ledger's phases are read from the metrics
        options.access_log = LogFormat::off;
        auto middlewares = program.middlewares;
        middlewares.push_back({.name = "count_statements", .before = {}, .after = [this](auto& exchange) {
                                   statements_ = exchange.tally.total();
                               }});
        server_.emplace(std::move(options), http::Server::Parts{.router = program.router,
                                                                .services = backend_.services,
                                                                .registry = registry_,
                                                                .metrics = &request_metrics_,
                                                                .limits = &limits_,
                                                                .middlewares = std::move(middlewares)});
        backend_.tell(limits_);
        if (over_socket) {
            serve_on_socket();
        } else {
            part_.emplace(*server_, loop_, seat_.shard(), -1);
            caller_ = bench::memory_caller(loop_, *part_);
        }
    }
    ~Subject() {
        caller_.reset();
        thread_.stop();
    }

    bench::Reading carry_out(const bench::Order& order) {
        switch (order.task) {
            case bench::Task::time: return time(order);
            case bench::Task::count: return count(order);
            case bench::Task::mark: return mark(order);
        }
        return {};
    }

private:
    void serve_on_socket() {
        auto listener = runtime::listen_on({"127.0.0.1", 0});
        auto const port = runtime::port_of(listener);
        thread_.start({.server = *server_,
                       .registry = registry_,
                       .listener = std::move(listener),
                       .serving = [] {},
                       .drained = [] {}});
        caller_ = bench::socket_caller(port);
    }

    // False at the first answer that is an error.
    bool call(const bench::Order& order, bench::Reading& reading, bench::Called& called) {
        called = caller_->call(order.request);
        reading.status = called.status;
        return called.status < 400;
    }

    bench::Reading time(const bench::Order& order) {
        bench::Reading reading;
        reading.times_ns.reserve(order.requests);
        auto const before = phases();
        bench::Called called;
        for (std::uint32_t i = 0; i < order.requests && call(order, reading, called); ++i) {
            reading.times_ns.push_back(
                static_cast<std::uint32_t>(std::min<std::uint64_t>(ticks_to_ns(called.took), UINT32_MAX)));
            if (i % rests_every == 0) {
                caller_->rest();
            }
        }
        caller_->rest();
        auto const after = phases();
        for (std::size_t i = 0; i < after.size(); ++i) {
            reading.phases[i] = (after[i] - before[i]) / std::max<double>(1, order.requests);
        }
        return reading;
    }

    // The usual request: the median of each, so that what is done once in a while does not count.
    bench::Reading count(const bench::Order& order) {
        bench::Reading reading;
        std::vector<double> statements;
        std::vector<double> bytes;
        std::vector<double> allocations;
        auto const can_count = bench::are_allocations_counted();
        bench::AllocationCount const counted;
        bench::Called called;
        for (std::uint32_t i = 0; i < order.requests; ++i) {
            auto const before = counted.value();
            if (!call(order, reading, called)) {
                return reading;
            }
            allocations.push_back(static_cast<double>(counted.value() - before));
            statements.push_back(static_cast<double>(statements_.load()));
            bytes.push_back(static_cast<double>(called.bytes));
            caller_->rest();
        }
        auto const usual = [](std::vector<double>& of) {
            auto const middle = of.begin() + static_cast<std::ptrdiff_t>(of.size() / 2);
            std::ranges::nth_element(of, middle);
            return *middle;
        };
        reading.counts.statements = usual(statements);
        reading.counts.bytes = usual(bytes);
        if (can_count) {
            reading.counts.allocations = usual(allocations);
        }
        return reading;
    }

    // Without a rest in between, whose system calls are not the request's.
    bench::Reading mark(const bench::Order& order) {
        bench::Reading reading;
        bench::Called called;
        std::uint32_t asked = 0;
        do {
            bench::mark_begin();
        } while (call(order, reading, called) && ++asked < order.requests);
        bench::mark_end();
        caller_->rest();
        return reading;
    }

    // The sums of all routes, in nanoseconds: nobody else asks this program.
    bench::Phases phases() {
        bench::Phases sums{};
        registry_.visit([&](const metrics::FamilyView& family) {
            if (family.spec.name != "http_request_phase_seconds") {
                return;
            }
            for (auto const& series : family.series) {
                auto const name = watch::label_of(family, series, "phase");
                auto const at = std::ranges::find(ledger::phase_names, name) - ledger::phase_names.begin();
                if (static_cast<std::size_t>(at) < sums.size()) {
                    sums[static_cast<std::size_t>(at)] += static_cast<double>(series.sum_ns);
                }
            }
        });
        return sums;
    }

    runtime::Loop loop_;
    ServingThread thread_;  // its loop outlives the database
    metrics::Registry registry_;
    ledger::RequestMetrics request_metrics_;
    runtime::Limits limits_;
    Backend backend_;
    Readiness readiness_;
    StandardRoutes standard_;
    metrics::Seat seat_;
    std::optional<http::Server> server_;
    std::optional<http::ServerLoop> part_;
    std::unique_ptr<bench::Caller> caller_;
    std::atomic<std::uint64_t> statements_{0};  // of the last request
};

// Where the answers go. What the program itself prints goes to standard error meanwhile.
class Answers {
public:
    Answers() : to_(::fdopen(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0), "w")) {
        expect(to_ != nullptr && ::dup2(STDERR_FILENO, STDOUT_FILENO) >= 0, "standard output is open");
    }
    void say(const std::string& line) {
        std::fprintf(to_.get(), "%s\n", line.c_str());
        std::fflush(to_.get());
    }

private:
    struct Close {
        void operator()(std::FILE* file) const noexcept { std::fclose(file); }
    };
    std::unique_ptr<std::FILE, Close> to_;
};

bench::Reading obey(Subject& subject, const std::string& line) {
    auto const order = json::read<bench::Order>(line);
    if (!order) {
        return {.error = concat({"an order that is none: ", json::describe(order.error())})};
    }
    try {
        return subject.carry_out(*order);
    } catch (const std::exception& error) {
        return {.error = error.what()};
    }
}

}  // namespace

int run_bench_subject(Program& program, Settings settings, const BenchWords& words) {
    if (words.database.empty()) {
        settings.redis_url.clear();
        settings.broker_url.clear();
    }
    Answers answers;
    Subject subject(program, settings, words.over_socket);
    answers.say(json::to_string(bench::Hello{.protocol = bench::protocol}));
    for (std::string line; std::getline(std::cin, line);) {
        answers.say(json::to_string(obey(subject, line)));
    }
    return 0;
}

}  // namespace brio::app
