// What stands across from a Celery in Python in celery_interop_test.py: a worker and a producer over the
// Redis broker, or over RabbitMQ with the SQLite file "tasks.db" of the working directory.
//
//     celery_peer URL work QUEUE…             until SIGTERM
//     celery_peer URL ask PYTHONS_QUEUE       reads lines, answers each with one:
//         push QUEUE NAME ARGS KWARGS IN_MS EXPIRES_IN_MS DEADLINE_MS PRIORITY      (0: not set; no blanks)
//         status ID
//         flow FIRST_QUEUE SECOND_QUEUE LAST_QUEUE
//             (t.add|p.add, side by side, then t.sum|p.sum, then both again)
//         dead
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <numeric>
#include <sstream>

#include <brio/base/random.hpp>
#include <brio/base/text.hpp>
#include <brio/reflect/uuid.hpp>
#include <brio/runtime/awaitables.hpp>
#include <brio/runtime/run.hpp>
#include <brio/runtime/scope.hpp>
#include <brio/runtime/signals.hpp>
#include <brio/tasks/amqp_broker.hpp>
#include <brio/tasks/give.hpp>
#include <brio/tasks/redis_broker.hpp>
#include <brio/tasks/worker.hpp>

namespace {

using namespace brio;
using namespace std::chrono_literals;

struct Add {
    std::int64_t x;
    std::int64_t y;
    static constexpr tasks::Policy policy{.name = "t.add"};
};
std::int64_t add(Add task) { return task.x + task.y; }

struct Sum {
    std::vector<std::int64_t> numbers;
    static constexpr tasks::Policy policy{.name = "t.sum"};
};
std::int64_t add_up(Sum task) {
    return std::accumulate(task.numbers.begin(), task.numbers.end(), std::int64_t{0});
}

struct Fail {
    std::string words;
    static constexpr tasks::Policy policy{.name = "t.fail", .retries = 0};
};
void fail(Fail task) { throw std::runtime_error(task.words); }

struct Flaky {
    int failures;  // so many tries fail
    static constexpr tasks::Policy policy{.name = "t.flaky", .backoff = tasks::exponential(50ms)};
};
int flaky(Flaky task, tasks::Attempt attempt) {
    if (attempt.failures < task.failures) {
        throw std::runtime_error("not yet");
    }
    return attempt.failures;
}

struct Nap {
    int milliseconds;
    static constexpr tasks::Policy policy{.name = "t.nap", .deadline = 60s, .retries = 0};
};
Async<std::string> nap(Nap task) {
    co_await runtime::sleep_for(std::chrono::milliseconds(task.milliseconds));
    co_return "rested";
}

/// What the tasks run on; outlives the database.
struct Loops {
    runtime::Loop control;
    std::deque<runtime::Loop> loops{1};
};

int work(tasks::Tasks& all, metrics::Registry& registry, std::vector<std::string> queues, Loops& its) {
    auto& [control, loops] = its;
    http::Services services;
    tasks::Worker worker({all, services, registry, control, loops}, {.queues = std::move(queues)});
    bool has_ended = false;
    runtime::Signals signals(control, {SIGTERM}, [&](int) { worker.drain(5s, [&] { has_ended = true; }); });
    runtime::Scope keeping(control);
    keeping.start(all.broker().keep());
    worker.start();
    std::cout << "ready" << std::endl;
    while (!has_ended) {
        control.turn(1s);
    }
    keeping.stop(runtime::StopReason::shutdown);
    while (keeping.running() > 0) {
        control.turn(10ms);
    }
    return 0;
}

std::string push(runtime::Loop& loop, tasks::Broker& broker, std::istream& words) {
    tasks::Message message;
    std::int64_t in = 0;
    std::int64_t expires = 0;
    std::int64_t deadline = 0;
    int priority = 0;
    words >> message.queue >> message.name >> message.args >> message.kwargs >> in >> expires >> deadline >>
        priority;
    const Timestamp now(wall_now());
    const auto later = [&](std::int64_t milliseconds) {
        return milliseconds == 0 ? std::nullopt
                                 : std::optional(Timestamp(now.microseconds + milliseconds * 1000));
    };
    message.id = Uuid::v7(now, thread_random()).text();
    message.pushed_at = now;
    message.due = later(in);
    message.expires = later(expires);
    message.priority = static_cast<std::uint8_t>(priority);
    if (deadline != 0) {
        message.deadline = std::chrono::milliseconds(deadline);
    }
    const std::string id = message.id;
    runtime::run(loop, broker.push({std::move(message)}));
    return id;
}

/// By the queue's name: this program's or Python's.
tasks::Workflow step(const std::string& queue, std::string_view what, std::string args) {
    return tasks::Workflow::named(concat({queue == "pythons" ? "p." : "t.", what}), std::move(args), "{}",
                                  true, {.queue = queue});
}

std::string flow(runtime::Loop& loop, tasks::Tasks& all, std::istream& words) {
    std::string first;
    std::string second;
    std::string last;
    words >> first >> second >> last;
    const auto pushed = runtime::run(
        loop, Queue(all).push(chain(group(step(first, "add", "[1,2]"), step(second, "add", "[10,20]")),
                                    step(last, "sum", "[]"), step(first, "add", "[100]"),
                                    step(second, "add", "[1000]"))));
    return pushed.id;
}

int answer(tasks::Tasks& all, runtime::Loop& loop) {
    auto& broker = all.broker();
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        std::string what;
        words >> what;
        if (what == "push") {
            std::cout << push(loop, broker, words) << std::endl;
        } else if (what == "flow") {
            std::cout << flow(loop, all, words) << std::endl;
        } else if (what == "status") {
            std::string id;
            words >> id;
            const auto status = runtime::run(loop, broker.status(id));
            std::cout << name_of(status.state) << '\t' << status.result << '\t' << status.error_type << '\t'
                      << status.error << std::endl;
        } else {
            for (const auto& each : runtime::run(loop, broker.dead({}))) {
                std::cout << each.id << '\t' << each.error << '\t';
            }
            std::cout << std::endl;
        }
    }
    return 0;
}

}  // namespace

int main(int count, char** arguments) {
    const std::vector<std::string> words(arguments + 1, arguments + count);
    const bool has_rabbit = !words.empty() && tasks::is_amqp(words[0]);
    const auto redis = words.size() > 2 ? redis::parse_url(words[0]) : std::unexpected(std::string());
    if (words.size() < 3 || (!redis && !has_rabbit)) {
        std::cerr << "usage: celery_peer URL work QUEUE… | ask PYTHONS_QUEUE\n";
        return 2;
    }
    const std::vector<std::string> queues(words.begin() + 2, words.end());
    const bool works = words[1] == "work";
    const std::vector<std::string> own = works ? queues : std::vector<std::string>();
    Loops loops;
    runtime::OffloadPool offload({.threads = 1});
    metrics::Registry registry;
    std::optional<db::Database> database;
    std::unique_ptr<tasks::Broker> broker;
    if (has_rabbit) {
        database.emplace(db::DatabaseOptions{.url = "sqlite:///tasks.db"});
        broker = std::make_unique<tasks::AmqpBroker>(
            *database,
            tasks::AmqpBrokerOptions{.address = *tasks::parse_amqp_url(words[0]), .own_queues = own});
    } else {
        broker = std::make_unique<tasks::RedisBroker>(
            tasks::RedisBrokerOptions{.address = *redis, .own_queues = own}, offload);
    }
    const tasks::TaskSet set{{tasks::define(add), tasks::define(add_up), tasks::define(fail),
                              tasks::define(flaky), tasks::define(nap)},
                             {}};
    tasks::Tasks all(set, *broker, registry);
    return works ? work(all, registry, queues, loops) : answer(all, loops.control);
}
