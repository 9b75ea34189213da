#include <brio/app/serving_thread.hpp>

#include <brio/base/expect.hpp>
#include <brio/runtime/sampler.hpp>

namespace brio::app {

// Lives on the thread's stack while it serves.
struct ServingThread::Serving : runtime::Timer {
    Serving(ServingThread& its_thread, Start& start, metrics::Shard& shard)
        : Timer([](Timer& timer) { static_cast<Serving&>(timer).look_whether_drained(); }),
          thread(its_thread),
          drained(start.drained),
          listener(std::move(start.listener)),
          part(start.server, its_thread.loop_, shard, listener.fd()) {}

    void drain() {
        part.drain();
        listener.close();
        look_whether_drained();
    }
    void look_whether_drained() {
        constexpr std::chrono::milliseconds look_again{5};
        if (part.connection_count() > 0 || part.has_background_calls()) {
            thread.loop_.arm(*this, look_again);
        } else {
            drained();
            thread.loop_.stop();
        }
    }

    ServingThread& thread;
    const std::function<void()>& drained;
    runtime::File listener;
    http::ServerLoop part;
};

ServingThread::ServingThread()
    : drain_(*this, [](Serving& serving) { serving.drain(); }),
      stop_requests_(*this, [](Serving& serving) { serving.part.stop_all(); }) {}

ServingThread::~ServingThread() {
    expect(!thread_.joinable(), "a serving thread is stopped before it is destroyed");
}

void ServingThread::start(Start with) {
    thread_ = std::thread([this, with = std::move(with)]() mutable { run(with); });
}

void ServingThread::run(Start& with) {
    metrics::Seat const seat(with.registry);
    runtime::SampledThread const sampled("api");
    loop_.refresh_now();
    Serving serving(*this, with, seat.shard());
    serving_ = &serving;
    with.serving();
    loop_.run();
    serving_ = nullptr;
}

void ServingThread::drain() { drain_.post(); }
void ServingThread::stop_requests() { stop_requests_.post(); }

void ServingThread::stop() {
    if (thread_.joinable()) {
        loop_.stop();
        thread_.join();
    }
}

}  // namespace brio::app
