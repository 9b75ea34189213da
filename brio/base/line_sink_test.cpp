#include <brio/base/line_sink.hpp>
#include <brio/base/text.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <algorithm>
#include <csignal>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>

namespace brio {

namespace {

/// A pipe whose reading end is drained on demand.
class Pipe {
public:
    Pipe() {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) {
            throw std::runtime_error("no pipe");
        }
        reader_ = ends[0];
        writer_ = ends[1];
    }
    ~Pipe() {
        close_reader();
        close_writer();
    }
    int writer() const { return writer_; }
    void close_reader() { close(reader_); }
    void close_writer() { close(writer_); }
    /// What can be read without waiting.
    std::string available() {
        ::fcntl(reader_, F_SETFL, O_NONBLOCK);
        return read();
    }
    /// Everything up to the end, waiting for it.
    std::string read() {
        std::string all;
        char bytes[65536];
        for (ssize_t got = 0; (got = ::read(reader_, bytes, sizeof bytes)) > 0;) {
            all.append(bytes, static_cast<std::size_t>(got));
        }
        return all;
    }

private:
    static void close(int& end) {
        if (end >= 0) {
            ::close(end);
        }
        end = -1;
    }
    int reader_ = -1;
    int writer_ = -1;
};

void put(LineSink& sink, std::string_view text) {
    sink.write([&](Buffer& out) { out.append(text); });
}

}  // namespace

TEST(LineSink, FlushedLinesAreInTheDescriptorInOrder) {
    Pipe pipe;
    LineWriter writer(pipe.writer());
    LineSink& sink = writer.open();
    put(sink, "one");
    put(sink, "two");
    writer.flush();
    EXPECT_EQ(pipe.available(), "one\ntwo\n");
}

TEST(LineSink, DestroyingTheWriterWritesWhatIsLeft) {
    Pipe pipe;
    {
        LineWriter writer(pipe.writer(), {.gather = std::chrono::hours(1)});
        put(writer.open(), "last words");
    }
    EXPECT_EQ(pipe.available(), "last words\n");
}

TEST(LineSink, AFullBufferIsWrittenWithoutAFlush) {
    Pipe pipe;
    LineWriter writer(pipe.writer(), {.hand_over = 1000, .gather = std::chrono::hours(1)});
    LineSink& sink = writer.open();
    put(sink, std::string(1200, 'x'));
    std::string got;
    while (got.size() < 1201) {  // waits for the writer's thread, not for a time
        got += pipe.available();
        std::this_thread::yield();
    }
    EXPECT_EQ(got, std::string(1200, 'x') + "\n");
}

TEST(LineSink, ALineAloneIsWrittenWithoutAFlush) {
    Pipe pipe;
    LineWriter writer(pipe.writer(), {.gather = std::chrono::milliseconds(1)});
    put(writer.open(), "alone");
    std::string got;
    while (got.size() < 6) {
        got += pipe.available();
        std::this_thread::yield();
    }
    EXPECT_EQ(got, "alone\n");
}

TEST(LineSink, AThrowInTheMiddleTakesItsPartBack) {
    Pipe pipe;
    LineWriter writer(pipe.writer());
    LineSink& sink = writer.open();
    put(sink, "kept");
    EXPECT_THROW(sink.write([](Buffer& out) {
        out.append("half a l");
        throw std::runtime_error("format");
    }),
                 std::runtime_error);
    put(sink, "after");
    writer.flush();
    EXPECT_EQ(pipe.available(), "kept\nafter\n");
}

TEST(LineSink, LinesOfThreadsStayWhole) {
    Pipe pipe;
    std::string all;
    std::thread reader([&] { all = pipe.read(); });
    {
        LineWriter writer(pipe.writer(), {.hand_over = 256});
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&writer, t] {
                LineSink& sink = writer.open();
                for (int i = 0; i < 2000; ++i) {
                    put(sink, concat({integer_text(t), ":", integer_text(i)}));
                }
            });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        writer.flush();
        EXPECT_EQ(writer.dropped(), 0u);
    }
    pipe.close_writer();
    reader.join();
    std::map<char, int> next;
    for (std::size_t at = 0; at < all.size();) {
        const std::size_t end = all.find('\n', at);
        ASSERT_NE(end, std::string::npos);
        ASSERT_EQ(all.substr(at + 2, end - at - 2), integer_text(next[all[at]]++));
        at = end + 1;
    }
    EXPECT_EQ(next, (std::map<char, int>{{'0', 2000}, {'1', 2000}, {'2', 2000}, {'3', 2000}}));
}

TEST(LineSink, ABlockedDescriptorCostsCountedLinesAndNoMemory) {
    Pipe pipe;  // nobody reads: it takes 64 KiB
    std::uint64_t lost = 0;
    {
        LineWriter writer(pipe.writer(),
                          {.hand_over = 4096, .most = 8192, .leave = std::chrono::milliseconds(0)});
        LineSink& sink = writer.open();
        for (int i = 0; i < 1000; ++i) {
            put(sink, std::string(999, 'x'));
        }
        lost = writer.dropped();
        EXPECT_GT(lost, 1000u - 64 - 20 - 20);
    }
    const std::string got = pipe.available();
    EXPECT_LT(std::count(got.begin(), got.end(), '\n') + static_cast<std::ptrdiff_t>(lost), 1001);
}

TEST(LineSink, ABrokenPipeCountsItsLinesAndDoesNotKill) {
    Pipe pipe;
    pipe.close_reader();
    LineWriter writer(pipe.writer());
    LineSink& sink = writer.open();
    put(sink, "a");
    put(sink, "b");
    writer.flush();
    EXPECT_EQ(writer.dropped(), 2u);
}

TEST(FatalFlushDeathTest, AnAbortFirstWritesTheLines) {
    const auto die = [] {
        LineWriter writer(STDERR_FILENO, {.gather = std::chrono::hours(1)});
        const FatalFlush flush(writer);
        put(writer.open(), "seen before the end");
        std::abort();
    };
    EXPECT_EXIT(die(), testing::KilledBySignal(SIGABRT), "seen before the end");
}

}  // namespace brio
