#include <brio/tasks/shared_bell.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <brio/base/temporary_folder.hpp>

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

TEST_F(SharedBellTest, IsHeardFromAnotherProcess) {
    std::atomic<int> heard{0};
    SharedBell bell(file, [&] { ++heard; });
    bell.listen(true);
    const pid_t child = ::fork();
    if (child == 0) {
        {
            SharedBell own(file, [] {});
            own.ring();
        }
        ::_exit(0);
    }
    EXPECT_TRUE(hears(heard));
    ::waitpid(child, nullptr, 0);
}

TEST_F(SharedBellTest, AFolderThatIsNotThereIsSaid) {
    EXPECT_THROW(SharedBell("/nowhere/bell", [] {}), std::system_error);
}

}  // namespace
}  // namespace brio::tasks
