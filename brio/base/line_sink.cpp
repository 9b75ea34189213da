#include <brio/base/line_sink.hpp>

#include <brio/base/expect.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <string>

namespace brio {

LineWriter::LineWriter(int descriptor, LineLimits limits) : descriptor_(descriptor), limits_(limits) {
    struct stat kind{};
    if (::fstat(descriptor, &kind) == 0) {
        is_socket_ = S_ISSOCK(kind.st_mode);
        if (S_ISFIFO(kind.st_mode)) {
            // The flags of a descriptor are shared with other processes, those of a pipe opened again are
            // not.
            own_ = ::open(("/proc/self/fd/" + std::to_string(descriptor)).c_str(),
                          O_WRONLY | O_NONBLOCK | O_CLOEXEC);
        }
    }
    // Signals, SIGPIPE among them, are for the program's other threads.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { run(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

LineWriter::~LineWriter() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        last_moment_ = std::chrono::steady_clock::now() + limits_.leave;
    }
    wake_.notify_one();
    thread_.join();
    LineSink* sink = newest_.load(std::memory_order_relaxed);
    while (sink != nullptr) {
        delete std::exchange(sink, sink->older_);
    }
    if (own_ >= 0) {
        ::close(own_);
    }
}

LineSink& LineWriter::open() {
    auto* sink = new LineSink(*this);
    sink->older_ = newest_.load(std::memory_order_relaxed);
    while (!newest_.compare_exchange_weak(sink->older_, sink, std::memory_order_acq_rel)) {
    }
    return *sink;
}

void LineWriter::flush() {
    std::unique_lock lock(mutex_);
    const std::uint64_t mine = ++asked_;
    wake_.notify_one();
    written_.wait(lock, [&] { return done_ >= mine; });
}

std::uint64_t LineWriter::dropped() const noexcept {
    std::uint64_t sum = refused_.load(std::memory_order_relaxed);
    for (const LineSink* sink = newest_.load(std::memory_order_acquire); sink != nullptr;
         sink = sink->older_) {
        sum += sink->dropped();
    }
    return sum;
}

void LineWriter::write_what_is_left() noexcept {
    for (LineSink* sink = newest_.load(std::memory_order_acquire); sink != nullptr; sink = sink->older_) {
        // The holder may be this very thread, interrupted: then its buffer cannot be had.
        for (int attempt = 0; attempt < 1000; ++attempt) {
            if (!sink->held_.exchange(true, std::memory_order_acquire)) {
                const std::string_view bytes = sink->buffer_.view();
                [[maybe_unused]] const ssize_t written =
                    ::write(own_ >= 0 ? own_ : descriptor_, bytes.data(), bytes.size());
                sink->buffer_.clear();
                sink->held_.store(false, std::memory_order_release);
                break;
            }
        }
    }
}

void LineWriter::notice(bool at_once) noexcept {
    {
        const std::lock_guard lock(mutex_);
        if (pending_ && (at_once_ || !at_once)) {
            return;
        }
        pending_ = true;
        at_once_ = at_once_ || at_once;
    }
    wake_.notify_one();
}

void LineWriter::run() {
    Buffer spare(limits_.hand_over * 2);
    std::unique_lock lock(mutex_);
    for (;;) {
        const auto urgent = [this] { return at_once_ || stopping_ || asked_ > done_; };
        wake_.wait(lock, [&] { return pending_ || urgent(); });
        if (!urgent()) {
            wake_.wait_for(lock, limits_.gather, urgent);
        }
        pending_ = false;
        at_once_ = false;
        const std::uint64_t asked = asked_;
        const bool last = stopping_;
        lock.unlock();
        collect(spare);
        lock.lock();
        done_ = asked;
        written_.notify_all();
        if (last) {
            return;
        }
    }
}

void LineWriter::collect(Buffer& spare) {
    for (LineSink* sink = newest_.load(std::memory_order_acquire); sink != nullptr; sink = sink->older_) {
        {
            const LineSink::Hold hold(*sink);
            if (sink->buffer_.empty()) {
                continue;
            }
            std::swap(sink->buffer_, spare);
            sink->noticed_ = false;
            sink->full_noticed_ = false;
        }
        if (!write_all(spare.view())) {
            const auto lines = std::count(spare.view().begin(), spare.view().end(), '\n');
            refused_.fetch_add(static_cast<std::uint64_t>(lines), std::memory_order_relaxed);
        }
        spare.clear();
    }
}

bool LineWriter::write_all(std::string_view bytes) {
    while (!bytes.empty()) {
        const int to = own_ >= 0 ? own_ : descriptor_;
        const ssize_t written = is_socket_
                                    ? ::send(to, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL)
                                    : ::write(to, bytes.data(), bytes.size());
        if (written >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (!wait_until_writable()) {
                return false;
            }
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

bool LineWriter::wait_until_writable() {
    pollfd state{.fd = own_ >= 0 ? own_ : descriptor_, .events = POLLOUT, .revents = 0};
    while (::poll(&state, 1, 50) <= 0) {
        const std::lock_guard lock(mutex_);
        if (stopping_ && std::chrono::steady_clock::now() >= last_moment_) {
            return false;
        }
    }
    return true;
}

namespace {

std::atomic<LineWriter*> fatal_writer{nullptr};

}  // namespace

FatalFlush::FatalFlush(LineWriter& writer)
    : signals_([](const OnFatalSignal::Death&) {
          if (LineWriter* its_writer = fatal_writer.exchange(nullptr)) {
              its_writer->write_what_is_left();
          }
      }) {
    fatal_writer.store(&writer);
}

FatalFlush::~FatalFlush() { fatal_writer.store(nullptr); }

}  // namespace brio
