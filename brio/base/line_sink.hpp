// Lines of many threads into one file descriptor, without a system call on the threads that make them.
//
// Each thread has a LineSink that it formats into; the writer's own thread takes the sinks' buffers by swap,
// when one holds 16 KiB or 20 ms after the first line, and writes each with one write(2). What a blocked
// descriptor does not take is bounded: a sink over its limit drops whole lines and counts them.
#pragma once
#include <brio/base/buffer.hpp>
#include <brio/base/fatal_signals.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>

namespace brio {

class LineWriter;

/// One thread writes lines to it. Made by LineWriter::open(); lives as long as the writer.
class LineSink {
public:
    LineSink(const LineSink&) = delete;
    LineSink& operator=(const LineSink&) = delete;

    /// Calls format(Buffer&), which appends one line without its line feed. What it throws goes on; its part
    /// of a line is taken back. Cost beside `format`: an uncontended exchange; one wake-up of the writer in
    /// 20 ms.
    template <class Format>
    void write(Format&& format);

    /// Lines that did not fit. Any thread.
    std::uint64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }

private:
    friend class LineWriter;
    class Hold;
    explicit LineSink(LineWriter& writer) noexcept : writer_(writer) {}

    LineWriter& writer_;
    LineSink* older_ = nullptr;      // set before the sink can be seen by other threads
    std::atomic<bool> held_{false};  // by the formatting thread or by the writer that swaps; for nanoseconds
    bool noticed_ = false;           // guarded by held_: the writer knows of this buffer
    bool full_noticed_ = false;      // guarded by held_: and knows that it is large
    Buffer buffer_;                  // guarded by held_
    std::atomic<std::uint64_t> dropped_{0};
};

struct LineLimits {
    std::size_t hand_over = 16 * 1024;      // a buffer this large is written at once
    std::size_t most = 1024 * 1024;         // a sink with this much waiting drops lines
    std::chrono::milliseconds gather{20};   // how long a first line waits for company
    std::chrono::milliseconds leave{1000};  // how long an ending writer waits for a blocked descriptor
};

/// Owns the writing thread, not the descriptor. Destroying it writes what is left (for at most `leave` when
/// the descriptor blocks); its sinks end with it.
class LineWriter {
public:
    explicit LineWriter(int descriptor, LineLimits limits = {});
    ~LineWriter();
    LineWriter(const LineWriter&) = delete;
    LineWriter& operator=(const LineWriter&) = delete;

    /// A sink for one thread. Any thread may call it; sinks are not given back, so open one a thread, not one
    /// a request.
    LineSink& open();

    /// Returns when every line written before the call has been given to the descriptor.
    void flush();

    /// Lines lost so far: dropped by full sinks or refused by the descriptor. Any thread.
    std::uint64_t dropped() const noexcept;

    /// Writes what can be had without waiting, from a signal handler or a terminating thread.
    /// Async-signal-safe.
    void write_what_is_left() noexcept;

private:
    friend class LineSink;
    void notice(bool at_once) noexcept;
    void run();
    void collect(Buffer& spare);
    bool write_all(std::string_view bytes);
    bool wait_until_writable();

    const int descriptor_;
    int own_ = -1;  // a non-blocking way to the same pipe
    bool is_socket_ = false;
    const LineLimits limits_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable written_;
    std::atomic<LineSink*> newest_{nullptr};  // a list that only grows, so a signal handler can walk it
    std::atomic<std::uint64_t> refused_{0};
    std::uint64_t asked_ = 0;                            // guarded by mutex_: flushes asked for
    std::uint64_t done_ = 0;                             // guarded by mutex_: and done
    bool pending_ = false;                               // guarded by mutex_: some sink has lines
    bool at_once_ = false;                               // guarded by mutex_
    bool stopping_ = false;                              // guarded by mutex_
    std::chrono::steady_clock::time_point last_moment_;  // guarded by mutex_: of a stopping writer
    std::thread thread_;
};

/// While it lives, a process that dies of itself (fatal_signals.hpp) first writes what `writer` holds. One at
/// a time in a process.
class FatalFlush {
public:
    explicit FatalFlush(LineWriter& writer);
    ~FatalFlush();
    FatalFlush(const FatalFlush&) = delete;
    FatalFlush& operator=(const FatalFlush&) = delete;

private:
    OnFatalSignal signals_;
};

class LineSink::Hold {
public:
    explicit Hold(LineSink& sink) noexcept : sink_(sink) {
        while (sink_.held_.exchange(true, std::memory_order_acquire)) {
            std::this_thread::yield();
        }
    }
    ~Hold() { sink_.held_.store(false, std::memory_order_release); }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

private:
    LineSink& sink_;
};

template <class Format>
void LineSink::write(Format&& format) {
    bool first = false;
    bool full = false;
    {
        Hold hold(*this);
        const std::size_t before = buffer_.size();
        if (before >= writer_.limits_.most) [[unlikely]] {
            dropped_.store(dropped_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
            return;
        }
        try {
            format(buffer_);
            buffer_.push_back('\n');
        } catch (...) {
            buffer_.resize(before);
            throw;
        }
        first = !std::exchange(noticed_, true);
        full = buffer_.size() >= writer_.limits_.hand_over && !std::exchange(full_noticed_, true);
    }
    if (first || full) [[unlikely]] {
        writer_.notice(full);
    }
}

}  // namespace brio
