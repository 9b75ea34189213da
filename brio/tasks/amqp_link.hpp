// A RabbitMQ for coroutines: one thread owns the connection, loops hand it their calls. Internal.
//
//     auto left = co_await link.call([&](amqp::Connection& connection) { return connection.count(queue); });
//
// The connection is made with the first call and again whenever it was lost, with growing pauses of at most a
// second; what is called while it is away fails at once with runtime::Unavailable. A call that has begun is
// waited for, whatever becomes of who waits: it ends within the time-outs of the connection.
#pragma once
#include <atomic>
#include <condition_variable>
#include <coroutine>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include <brio/runtime/async.hpp>
#include <brio/runtime/errors.hpp>
#include <brio/runtime/file.hpp>
#include <brio/runtime/limit.hpp>
#include <brio/runtime/loop.hpp>
#include <brio/tasks/amqp_connection.hpp>

namespace brio::tasks::amqp {

class Link {
public:
    /// `limit_name`: of the calls that wait. `arrived` is called on the link's thread when there is a message
    /// for a watched queue, or one that answers.
    Link(ConnectionOptions options, std::string limit_name, std::function<void()> arrived = [] {});
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;
    /// Ends the thread. Nobody waits any more.
    ~Link();

    /// Runs `function` with the connection on the link's thread. Throws Unavailable when there is none or it
    /// is lost meanwhile, and Overloaded when too many wait.
    template <class Callable>
    auto call(Callable function);
    /// Sends messages, in order; gives which of them RabbitMQ has. None of them when it is away.
    Async<std::vector<bool>> publish(std::vector<Post> posts);
    /// Whether calls are not refused at once.
    bool is_usable() const noexcept { return state_.load(std::memory_order_relaxed) != State::away; }

    /// While somebody watches a queue, one message of all that are watched is taken ahead, and `arrived`
    /// called; a few more come together where what was taken so before is settled meanwhile. Any thread,
    /// never waits.
    void watch(const std::vector<std::string>& queues);
    void unwatch(const std::vector<std::string>& queues);
    /// A message taken ahead of this queue. For calls' functions.
    std::optional<Delivery> take_ahead(const std::string& queue);
    /// Tells the log, once. For calls' functions.
    void note_refusal(const std::string& words);

    /// From now on takes what arrives in this queue, a hundred at a time, for take_replies().
    void listen(std::string queue);
    /// Any thread.
    std::vector<Delivery> take_replies();

    /// What went wrong last; empty: nothing. Any thread.
    std::string fault() const;
    runtime::Limit& waiting() noexcept { return waiting_; }

private:
    enum class State : std::uint8_t { new_, connecting, up, away };
    struct Job : runtime::Posted {
        explicit Job(Function resume) noexcept : Posted(resume) {}
        virtual ~Job() = default;
        /// Gives what must be confirmed before it has ended; null: nothing.
        virtual Confirmations* run(Connection& connection) = 0;
        runtime::Loop* loop = nullptr;
        std::exception_ptr error;
        std::chrono::nanoseconds begun{0};
    };
    template <class Callable>
    struct Call;
    struct Publish;

    void submit(Job& job);
    static void end(Job& job, std::exception_ptr error = {});
    void serve();
    void serve(Connection& connection);
    void run_jobs(Connection& connection);
    void look_at_watched(Connection& connection);
    void look_at_ahead(Connection& connection);
    void deliver(std::vector<Delivery> deliveries);
    void end_confirmed();
    void fail_all(const std::string& words);
    void rest(const std::string& words);
    void wait_for_work(const Connection& connection);
    void nudge() noexcept;

    static constexpr std::uint64_t most_waiting = 4096;
    static constexpr std::uint16_t most_replies = 100;

    const ConnectionOptions options_;
    const std::function<void()> arrived_;
    runtime::Limit waiting_;
    runtime::File wakeup_;
    std::atomic<State> state_{State::new_};
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool is_ending_ = false;  // guarded by mutex_, as what follows
    std::deque<Job*> jobs_;
    std::string fault_;
    std::map<std::string, int> watched_;  // how many do
    std::string reply_queue_;
    std::vector<Delivery> replies_;
    // Of the thread.
    struct Confirming {
        Job* job;
        Confirmations* confirmations;
    };
    std::deque<Confirming> confirming_;
    std::vector<std::string> consuming_;
    bool is_listening_ = false;
    struct Ahead {
        Delivery delivery;
        std::chrono::nanoseconds since;
    };
    std::deque<Ahead> ahead_;  // the first first
    std::set<std::string> refusals_;
    int failures_ = 0;
    std::thread thread_;
};

template <class Callable>
struct Link::Call : Job {
    using Result = std::invoke_result_t<Callable&, Connection&>;
    Call(Link& its_link, Callable its_function)
        : Job([](Posted& posted) { static_cast<Call&>(posted).waiting.resume(); }),
          link(its_link),
          function(std::move(its_function)) {}
    bool await_ready() const noexcept { return false; }
    template <std::derived_from<runtime::PromiseBase> P>
    void await_suspend(std::coroutine_handle<P> handle) {
        loop = handle.promise().work->loop;
        waiting = handle;
        link.submit(*this);
    }
    Result await_resume() {
        if (error) {
            std::rethrow_exception(error);
        }
        if constexpr (!std::is_void_v<Result>) {
            return std::move(*result);
        }
    }
    Confirmations* run(Connection& connection) override {
        if constexpr (std::is_void_v<Result>) {
            function(connection);
        } else {
            result.emplace(function(connection));
        }
        return nullptr;
    }

    struct Nothing {};
    Link& link;
    Callable function;
    runtime::Waiting waiting;
    std::optional<std::conditional_t<std::is_void_v<Result>, Nothing, Result>> result;
};

template <class Callable>
auto Link::call(Callable function) {
    return Call<Callable>(*this, std::move(function));
}

}  // namespace brio::tasks::amqp
