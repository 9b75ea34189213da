#include <brio/base/temporary_folder.hpp>
#include <brio/base/text.hpp>
#include <brio/metrics/exposition.hpp>
#include <brio/metrics/process.hpp>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>

using namespace std::chrono_literals;
using testing::HasSubstr;

namespace brio::metrics {

namespace {

/// A made-up /proc and /sys of one process.
class FakeFiles : public testing::Test {
protected:
    FakeFiles() {
        std::filesystem::create_directories(root_ + "/proc/self/fd");
        write("/proc/self/statm", "5000 300 100 1 0 200 0\n");
        write("/proc/meminfo", "MemTotal:        8000000 kB\nMemFree: 1 kB\n");
        write("/proc/stat", "cpu 1 2 3\nbtime 1700000000\n");
        write("/proc/uptime", "1000.00 10.0\n");
        write_cpu(0);
    }

    void write(const std::string& path, const std::string& text) {
        std::filesystem::create_directories(std::filesystem::path(root_ + path).parent_path());
        std::ofstream(root_ + path) << text;
    }
    /// A name as a process may give itself; half of the time in the kernel; 7 threads; started 900 s after
    /// boot.
    void write_cpu(int hundredths) {
        const int half = hundredths / 2;
        write("/proc/self/stat", concat({"42 (a b) (c) S 1 1 1 0 -1 0 0 0 0 0 ", std::to_string(half), " ",
                                         std::to_string(hundredths - half), " 9 9 20 0 7 0 90000 1 1\n"}));
    }
    ProcessFiles files() const { return {root_}; }
    ProcessUsage read() const { return read_process_usage(files()); }

    TemporaryFolder folder_;
    const std::string root_ = folder_.path().string();
};

}  // namespace

TEST_F(FakeFiles, AreReadWhateverTheProcessIsCalled) {
    write_cpu(250);
    std::ofstream(root_ + "/proc/self/fd/0");
    std::ofstream(root_ + "/proc/self/fd/1");
    const ProcessUsage usage = read();
    EXPECT_EQ(usage.cpu_time, 2500ms);
    EXPECT_EQ(usage.threads, 7u);
    EXPECT_EQ(usage.memory_bytes, 300u * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
    EXPECT_EQ(usage.memory_limit_bytes, 8'000'000ull * 1024);
    EXPECT_EQ(usage.open_files, 2u);
    EXPECT_DOUBLE_EQ(usage.start_time_seconds, 1'700'000'900.0);
    EXPECT_EQ(usage.age, 100s);
}

TEST_F(FakeFiles, LimitsOfVersionTwoAreTheTightestOfTheGroupAndItsAncestors) {
    write("/proc/self/cgroup", "0::/app/web\n");
    write("/sys/fs/cgroup/app/web/cpu.max", "max 100000\n");
    write("/sys/fs/cgroup/app/cpu.max", "50000 100000\n");
    write("/sys/fs/cgroup/app/web/memory.max", "1000000\n");
    write("/sys/fs/cgroup/app/memory.max", "max\n");
    const ProcessUsage usage = read();
    EXPECT_DOUBLE_EQ(usage.cores, 0.5);
    EXPECT_EQ(usage.memory_limit_bytes, 1'000'000u);
}

TEST_F(FakeFiles, LimitsOfVersionOneAreRead) {
    write("/proc/self/cgroup", "4:memory:/m\n3:cpuset:/\n2:cpu,cpuacct:/c\n");
    write("/sys/fs/cgroup/cpu,cpuacct/c/cpu.cfs_quota_us", "25000\n");
    write("/sys/fs/cgroup/cpu,cpuacct/c/cpu.cfs_period_us", "100000\n");
    write("/sys/fs/cgroup/memory/m/memory.limit_in_bytes", "9223372036854771712\n");
    write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "2000000\n");
    const ProcessUsage usage = read();
    EXPECT_DOUBLE_EQ(usage.cores, 0.25);
    EXPECT_EQ(usage.memory_limit_bytes, 2'000'000u);
}

TEST_F(FakeFiles, AQuotaOfNoneLimitsNothing) {
    const double cores = read().cores;
    write("/proc/self/cgroup", "2:cpu:/\n4:memory:/\n");
    write("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
    write("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    EXPECT_DOUBLE_EQ(read().cores, cores);
    EXPECT_EQ(read().memory_limit_bytes, 8'000'000ull * 1024);
}

TEST_F(FakeFiles, TheShareIsOfTheAllotmentSinceTheSampleBefore) {
    write("/proc/self/cgroup", "0::/\n");
    write("/sys/fs/cgroup/cpu.max", "50000 100000\n");
    Registry registry;
    ProcessCollector collector(registry, {.version = "1", .files = files()});
    write_cpu(1000);  // 10 s in 100 s of half a core
    EXPECT_DOUBLE_EQ(collector.sample(0s).cpu_percent, 20);
    write_cpu(1100);
    EXPECT_DOUBLE_EQ(collector.sample(5s).cpu_percent, 40);
    EXPECT_DOUBLE_EQ(collector.sample(10s).cpu_percent, 0);
    write_cpu(9000);  // more than there is
    EXPECT_DOUBLE_EQ(collector.sample(15s).cpu_percent, 100);
}

TEST_F(FakeFiles, APeekLeavesTheSampleAlone) {
    write("/proc/self/cgroup", "0::/\n");
    write("/sys/fs/cgroup/cpu.max", "100000 100000\n");
    Registry registry;
    ProcessCollector collector(registry, {.version = "1", .files = files()});
    (void)collector.sample(0s);
    write_cpu(100);
    EXPECT_DOUBLE_EQ(collector.peek(2s).cpu_percent, 50);
    EXPECT_DOUBLE_EQ(collector.sample(4s).cpu_percent, 25);
}

TEST_F(FakeFiles, ThoseThatCannotBeReadAreNamed) {
    std::ofstream(root_ + "/proc/self/fd/0");
    EXPECT_EQ(read().unreadable, "");
    std::filesystem::remove(root_ + "/proc/self/statm");
    std::filesystem::remove(root_ + "/proc/self/stat");
    EXPECT_EQ(read().unreadable, "/proc/self/stat, /proc/self/statm");
}

TEST_F(FakeFiles, TheLatestSampleIsKeptForItsPeriod) {
    write("/proc/self/cgroup", "0::/\n");
    write("/sys/fs/cgroup/cpu.max", "100000 100000\n");
    Registry registry;
    ProcessCollector collector(registry, {.version = "1", .files = files()});
    (void)collector.latest(0s);
    write_cpu(250);
    EXPECT_EQ(collector.latest(4999ms).usage.cpu_time, 0ns);
    EXPECT_EQ(collector.latest(5s).usage.cpu_time, 2500ms);
    EXPECT_DOUBLE_EQ(collector.latest(5s).cpu_percent, 50);
    write_cpu(260);
    EXPECT_EQ(collector.sample(5050ms).usage.cpu_time, 2500ms);  // too soon for hundredths of a second
    EXPECT_EQ(collector.sample(5100ms).usage.cpu_time, 2600ms);
}

TEST_F(FakeFiles, NothingReadableIsZeroAndNoCrash) {
    const ProcessUsage usage = read_process_usage({root_ + "/nowhere"});
    EXPECT_EQ(usage.memory_bytes, 0u);
    EXPECT_EQ(usage.memory_limit_bytes, 0u);
    EXPECT_EQ(usage.cpu_time, 0ns);
    EXPECT_GT(usage.cores, 0);
}

TEST_F(FakeFiles, FreeCoresAreWhatNobodyUsedOfThoseThatTheProcessMayRunOn) {
    const auto write_cores = [this](int busy) {
        std::string stat = "cpu 1 2 3\n";
        for (int core = 0; core < 1024; ++core) {
            stat += concat({"cpu", std::to_string(core), " ", std::to_string(busy), " 0 0 ",
                            std::to_string(100 - busy), " 7 0 0 0 0 0\n"});
        }
        write("/proc/stat", stat);
    };
    write_cores(10);
    const auto before = read_processor_use(files());
    write_cores(60);  // half a second more
    const auto after = read_processor_use(files());
    ASSERT_GT(after.cores, 0);
    EXPECT_NEAR(free_cores(before, after, 1s), after.cores / 2, 1e-9);
    EXPECT_EQ(free_cores(before, before, 0s), 0);

    write("/proc/self/cgroup", "0::/shop\n");
    write("/sys/fs/cgroup/cpu.max", "max 100000\n");
    write("/sys/fs/cgroup/shop/cpu.max", "25000 100000\n");
    write("/sys/fs/cgroup/shop/cpu.stat", "usage_usec 1000000\nuser_usec 1\n");
    const auto group_before = read_processor_use(files());
    write("/sys/fs/cgroup/shop/cpu.stat", "usage_usec 1150000\nuser_usec 1\n");
    EXPECT_NEAR(free_cores(group_before, read_processor_use(files()), 1s), 0.1, 1e-9);
    EXPECT_EQ(free_cores(group_before, read_processor_use(files()), 1ms), 0) << "more than there is";
}

TEST(ProcessUsage, OfThisProcessIsPlausible) {
    const ProcessUsage before = read_process_usage();
    EXPECT_GT(before.memory_bytes, 1'000'000u);
    EXPECT_GT(before.memory_limit_bytes, before.memory_bytes);
    EXPECT_GE(before.threads, 1u);
    EXPECT_NEAR(before.start_time_seconds + std::chrono::duration<double>(before.age).count(),
                std::chrono::duration<double>(wall_now().time_since_epoch()).count(), 3);
    const int file = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    EXPECT_EQ(read_process_usage().open_files, before.open_files + 1);
    ::close(file);
}

TEST(ProcessCollector, AScrapeShowsTheContractsNames) {
    Registry registry;
    const ProcessCollector collector(registry, {.version = "1.2.3"});
    Buffer out;
    write_exposition(out, registry, Exposition::prometheus);
    const std::string all(out.view());
    for (const char* name : {"cpu_usage_percent ", "memory_usage_bytes ", "memory_limit_bytes ",
                             "process_open_fds ", "process_threads ", "process_start_time_seconds "}) {
        EXPECT_THAT(all, HasSubstr(concat({"\n", name})));
    }
    EXPECT_THAT(all, HasSubstr("\nbrio_build_info{version=\"1.2.3\"} 1\n"));
}

}  // namespace brio::metrics
