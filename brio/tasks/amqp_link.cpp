#include <brio/tasks/amqp_link.hpp>

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

#include <brio/base/clock.hpp>
#include <brio/base/log.hpp>
#include <brio/base/random.hpp>
#include <brio/base/text.hpp>
#include <brio/tasks/backoff.hpp>

namespace brio::tasks::amqp {

namespace {

using std::chrono::milliseconds;

constexpr Backoff between_attempts{.first = milliseconds(50), .most = milliseconds(1000)};
/// What was taken ahead and nobody fetches goes back.
constexpr milliseconds ahead_lasts{500};
constexpr milliseconds longest_poll{1000};
constexpr std::size_t most_refusals = 100;  // that the log has

}  // namespace

/// Messages that wait for the server's word.
struct Link::Publish : Job {
    Publish(Link& its_link, const std::vector<Post>& its_posts)
        : Job([](Posted& posted) { static_cast<Publish&>(posted).waiting.resume(); }),
          link(its_link),
          posts(its_posts),
          confirmations(its_posts.size()) {}
    bool await_ready() const noexcept { return posts.empty(); }
    template <std::derived_from<runtime::PromiseBase> P>
    void await_suspend(std::coroutine_handle<P> handle) {
        loop = handle.promise().work->loop;
        waiting = handle;
        link.submit(*this);
    }
    void await_resume() const {
        if (error) {
            std::rethrow_exception(error);
        }
    }
    Confirmations* run(Connection& connection) override {
        if (connection.is_blocked()) {
            throw runtime::Unavailable("RabbitMQ takes no messages: its memory or its disk runs out");
        }
        try {
            for (std::size_t i = 0; i < posts.size(); ++i) {
                publish(connection, i);
            }
        } catch (const std::exception& error) {  // what was sent is not waited for: the connection must end
            throw Failure(error.what());
        }
        return &confirmations;
    }

    void publish(Connection& connection, std::size_t i) {
        try {
            connection.publish(posts[i], confirmations, i);
        } catch (const Refused& refused) {
            --confirmations.open;
            link.note_refusal(refused.what());
        }
    }

    Link& link;
    const std::vector<Post>& posts;
    Confirmations confirmations;
    runtime::Waiting waiting;
};

void Link::note_refusal(const std::string& words) {
    if (refusals_.size() < most_refusals && refusals_.insert(words).second) {
        log_warning("tasks wait for a queue of RabbitMQ", {{"error", words}});
    }
}

Link::Link(ConnectionOptions options, std::string limit_name, std::function<void()> arrived)
    : options_(std::move(options)),
      arrived_(std::move(arrived)),
      waiting_(std::move(limit_name), most_waiting),
      wakeup_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] {
          ::pthread_setname_np(::pthread_self(), "amqp");
          serve();
      }) {}

Link::~Link() {
    {
        const std::scoped_lock lock(mutex_);
        is_ending_ = true;
    }
    changed_.notify_all();
    nudge();
    thread_.join();
}

void Link::nudge() noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wakeup_.fd(), &one, sizeof one);
}

void Link::submit(Job& job) {
    std::exception_ptr refusal;
    {
        const std::scoped_lock lock(mutex_);
        if (state_ == State::away) {
            refusal = std::make_exception_ptr(runtime::Unavailable(fault_));
        } else if (!waiting_.try_take()) {
            refusal = std::make_exception_ptr(runtime::Overloaded(waiting_.name()));
        } else {
            jobs_.push_back(&job);
        }
    }
    if (refusal) {
        end(job, std::move(refusal));
        return;
    }
    changed_.notify_all();
    nudge();
}

void Link::end(Job& job, std::exception_ptr error) {
    job.error = std::move(error);
    job.loop->post(job);
}

Async<std::vector<bool>> Link::publish(std::vector<Post> posts) {
    Publish publishing(*this, posts);
    try {
        co_await publishing;
    } catch (const runtime::Unavailable&) {  // what it did not confirm, it may have or not
    }
    co_return std::move(publishing.confirmations.is_confirmed);
}

void Link::watch(const std::vector<std::string>& queues) {
    {
        const std::scoped_lock lock(mutex_);
        for (const std::string& each : queues) {
            ++watched_[each];
        }
    }
    changed_.notify_all();
    nudge();
}

void Link::unwatch(const std::vector<std::string>& queues) {
    {
        const std::scoped_lock lock(mutex_);
        for (const std::string& each : queues) {
            if (--watched_[each] == 0) {
                watched_.erase(each);
            }
        }
    }
    nudge();
}

void Link::listen(std::string queue) {
    {
        const std::scoped_lock lock(mutex_);
        reply_queue_ = std::move(queue);
    }
    changed_.notify_all();
    nudge();
}

std::optional<Delivery> Link::take_ahead(const std::string& queue) {
    const auto found =
        std::ranges::find(ahead_, queue, [](const Ahead& each) { return each.delivery.post.queue; });
    if (found == ahead_.end()) {
        return std::nullopt;
    }
    auto delivery = std::move(found->delivery);
    ahead_.erase(found);
    return delivery;
}

std::vector<Delivery> Link::take_replies() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(replies_, {});
}

std::string Link::fault() const {
    const std::scoped_lock lock(mutex_);
    return fault_;
}

// -- the thread --

void Link::serve() {
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] {
                return is_ending_ || state_ == State::away || !jobs_.empty() || !watched_.empty() ||
                       !reply_queue_.empty();
            });
            if (is_ending_) {
                break;
            }
            state_ = state_ == State::away ? State::away : State::connecting;
        }
        std::string words;
        try {
            Connection connection(options_);
            {
                const std::scoped_lock lock(mutex_);
                state_ = State::up;
                if (!fault_.empty()) {
                    log_info("RabbitMQ is there again", {{"broker", options_.address.text()}});
                }
                fault_.clear();
            }
            failures_ = 0;
            serve(connection);
            break;
        } catch (const std::exception& failure) {
            words = failure.what();
        }
        rest(words);
    }
    fail_all("the program ends");
}

void Link::rest(const std::string& words) {
    {
        const std::scoped_lock lock(mutex_);
        if (fault_.empty()) {
            log_warning("RabbitMQ is away: it is tried again and again",
                        {{"broker", options_.address.text()}, {"error", words}});
        }
        state_ = State::away;
        fault_ = words;
        replies_.clear();
    }
    consuming_.clear();
    is_listening_ = false;
    ahead_.clear();
    fail_all(words);
    const auto pause = next_delay(between_attempts, ++failures_, thread_random().uniform());
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, pause, [this] { return is_ending_; });
}

void Link::fail_all(const std::string& words) {
    const auto error = std::make_exception_ptr(runtime::Unavailable(words));
    for (const Confirming& each : std::exchange(confirming_, {})) {
        end(*each.job, error);
    }
    std::deque<Job*> jobs;
    {
        const std::scoped_lock lock(mutex_);
        jobs.swap(jobs_);
    }
    for (Job* job : jobs) {
        waiting_.give_back();
        end(*job, error);
    }
}

void Link::serve(Connection& connection) {
    for (;;) {
        {
            const std::scoped_lock lock(mutex_);
            if (is_ending_ && jobs_.empty()) {
                return;
            }
        }
        run_jobs(connection);
        look_at_watched(connection);
        deliver(connection.pump());
        end_confirmed();
        look_at_ahead(connection);
        wait_for_work(connection);
    }
}

void Link::wait_for_work(const Connection& connection) {
    {
        const std::scoped_lock lock(mutex_);
        if (!jobs_.empty()) {
            return;
        }
    }
    pollfd waited[2] = {{.fd = connection.descriptor(), .events = POLLIN, .revents = 0},
                        {.fd = wakeup_.fd(), .events = POLLIN, .revents = 0}};
    ::poll(waited, 2, static_cast<int>((ahead_.empty() ? longest_poll : ahead_lasts).count()));
    std::uint64_t count = 0;
    [[maybe_unused]] const auto read = ::read(wakeup_.fd(), &count, sizeof count);
}

void Link::run_jobs(Connection& connection) {
    std::deque<Job*> jobs;
    {
        const std::scoped_lock lock(mutex_);
        jobs.swap(jobs_);
    }
    while (!jobs.empty()) {
        Job& job = *jobs.front();
        jobs.pop_front();
        waiting_.give_back();
        try {
            job.begun = monotonic_now();
            if (auto* const confirmations = job.run(connection)) {
                confirming_.push_back({&job, confirmations});
            } else {
                end(job);
            }
        } catch (const Refused& refused) {
            end(job, std::make_exception_ptr(runtime::Unavailable(refused.what())));
        } catch (const Failure& failure) {
            const std::string words = failure.what();
            end(job, std::make_exception_ptr(runtime::Unavailable(words)));
            const std::scoped_lock lock(mutex_);
            jobs_.insert(jobs_.begin(), jobs.begin(), jobs.end());  // rest() fails them
            throw Failure(words);
        } catch (...) {
            end(job, std::current_exception());
        }
    }
}

void Link::end_confirmed() {
    const auto is_late = monotonic_now() - options_.timeout;
    std::erase_if(confirming_, [&](const Confirming& each) {
        if (each.confirmations->open == 0) {
            end(*each.job);
            return true;
        }
        return false;
    });
    if (!confirming_.empty() && confirming_.front().job->begun < is_late) {
        throw Failure("RabbitMQ does not confirm what it was sent");
    }
}

void Link::look_at_watched(Connection& connection) {
    std::vector<std::string> wanted;
    std::string replies;
    {
        const std::scoped_lock lock(mutex_);
        for (const auto& [queue, count] : watched_) {
            wanted.push_back(queue);
        }
        replies = reply_queue_;
    }
    if (!replies.empty() && !is_listening_) {
        connection.set_most(Connection::Purpose::replies, most_replies);
        connection.consume(replies, Connection::Purpose::replies);
        is_listening_ = true;
    }
    for (const std::string& each : consuming_) {
        if (std::ranges::find(wanted, each) == wanted.end()) {
            connection.stop_consuming(each, Connection::Purpose::wake);
        }
    }
    if (!wanted.empty()) {  // one beside those that tasks hold
        const auto held = connection.unsettled(Connection::Purpose::wake) - ahead_.size();
        connection.set_most(Connection::Purpose::wake, held + 1);
    }
    for (const std::string& each : wanted) {
        if (std::ranges::find(consuming_, each) == consuming_.end()) {
            try {
                connection.consume(each, Connection::Purpose::wake);
            } catch (const Refused& refused) {  // a claim will say so
                note_refusal(refused.what());
            }
        }
    }
    consuming_ = std::move(wanted);
    if (std::ranges::any_of(ahead_, [this](const Ahead& each) {
            return std::ranges::find(consuming_, each.delivery.post.queue) != consuming_.end();
        })) {
        arrived_();
    }
}

void Link::deliver(std::vector<Delivery> deliveries) {
    if (deliveries.empty()) {
        return;
    }
    for (Delivery& each : deliveries) {
        if (each.receipt.channel == static_cast<std::uint16_t>(Connection::Purpose::replies)) {
            const std::scoped_lock lock(mutex_);
            replies_.push_back(std::move(each));
        } else {
            ahead_.push_back({std::move(each), monotonic_now()});
        }
    }
    arrived_();
}

void Link::look_at_ahead(Connection& connection) {
    for (; !ahead_.empty() && monotonic_now() - ahead_.front().since > ahead_lasts; ahead_.pop_front()) {
        connection.give_back(ahead_.front().delivery.receipt);
    }
}

}  // namespace brio::tasks::amqp
