#include <brio/tasks/shared_bell.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <brio/base/temporary_folder.hpp>
#include <brio/runtime/file.hpp>

namespace brio::tasks {
namespace {

class SharedBellTest : public testing::Test {
protected:
    /// False when nobody rings within the test's patience.
    bool hears(const std::atomic<int>& rings) {
        for (int i = 0; rings == 0 && i < 20'000; ++i) {
            ::usleep(1000);
        }
        return rings != 0;
    }
    TemporaryFolder folder;
    const std::string file = folder.file("bell");
};

TEST_F(SharedBellTest, IsHeardByWhoeverHasMappedTheFile) {
    std::atomic<int> heard{0};
    SharedBell one(file, [] {});
    SharedBell other(file, [&] { ++heard; });
    other.listen(true);
    one.ring();
    EXPECT_TRUE(hears(heard));
}

// The process begins while this one has a single thread: ThreadSanitizer allows no other.
TEST_F(SharedBellTest, IsHeardFromAnotherProcess) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const runtime::File waits(ends[0]);
    runtime::File tells(ends[1]);
    const pid_t child = ::fork();
    if (child == 0) {
        tells.close();
        char word = 0;
        if (::read(waits.fd(), &word, 1) == 1) {
            SharedBell own(file, [] {});
            own.ring();
        }
        ::_exit(0);
    }
    std::atomic<int> heard{0};
    SharedBell bell(file, [&] { ++heard; });
    bell.listen(true);
    EXPECT_EQ(::write(tells.fd(), "!", 1), 1);
    EXPECT_TRUE(hears(heard));
    ::waitpid(child, nullptr, 0);
}

TEST_F(SharedBellTest, AFolderThatIsNotThereIsSaid) {
    EXPECT_THROW(SharedBell("/nowhere/bell", [] {}), std::system_error);
}

}  // namespace
}  // namespace brio::tasks
