#include <brio/app/service_manager.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include <brio/base/environment.hpp>
#include <brio/base/temporary_folder.hpp>
#include <brio/base/text.hpp>
#include <brio/runtime/file.hpp>

namespace brio::app {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

// What systemd has at the other end. `name` with a leading "@" is abstract.
class Listening {
public:
    explicit Listening(const std::string& name) : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, name.data(), name.size());
        auto size = offsetof(sockaddr_un, sun_path) + name.size();
        if (name[0] == '@') {
            address.sun_path[0] = '\0';
        } else {
            ++size;
        }
        EXPECT_EQ(::bind(socket_.fd(), reinterpret_cast<sockaddr*>(&address), static_cast<socklen_t>(size)),
                  0);
    }
    std::string heard() const {
        char text[512];
        auto const size = ::recv(socket_.fd(), text, sizeof text, MSG_DONTWAIT);
        return size < 0 ? "nothing" : std::string(text, static_cast<std::size_t>(size));
    }

private:
    runtime::File socket_;
};

TEST(ServiceManager, IsToldOverASocketThatHasAPath) {
    TemporaryFolder const folder;
    Listening const systemd(folder.file("notify"));
    ServiceManager manager({.socket = folder.file("notify")});
    manager.tell("READY=1\nSTATUS=serving");
    EXPECT_EQ(systemd.heard(), "READY=1\nSTATUS=serving");
    manager.tell("");
    EXPECT_EQ(systemd.heard(), "nothing");
}

TEST(ServiceManager, IsToldOverAnAbstractSocket) {
    auto const name = concat({"@brio-test-", integer_text(::getpid())});
    Listening const systemd(name);
    ServiceManager({.socket = name}).tell("READY=1");
    EXPECT_EQ(systemd.heard(), "READY=1");
}

TEST(ServiceManager, ThatIsGoneOrOfAnotherKindStopsNothing) {
    for (auto const* socket : {"/nowhere/at/all", "vsock:2:1234", ""}) {
        ServiceManager({.socket = socket}).tell("READY=1");
    }
    ServiceManager({.socket = "/" + std::string(200, 'x')}).tell("READY=1");
}

TEST(ServiceManager, IsTakenOutOfTheEnvironment) {
    ::setenv("NOTIFY_SOCKET", "/run/systemd/notify", 1);
    ::setenv("WATCHDOG_USEC", "30000000", 1);
    ::setenv("WATCHDOG_PID", integer_text(::getpid()).c_str(), 1);
    auto const address = take_service_manager();
    EXPECT_EQ(address.socket, "/run/systemd/notify");
    EXPECT_EQ(address.watchdog, 30s);
    for (auto const* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) {
        EXPECT_EQ(environment(name), std::nullopt) << name;
    }
    EXPECT_EQ(take_service_manager().socket, "");
}

TEST(ServiceManager, AWatchdogForAnotherProcessIsNotOurs) {
    ::setenv("WATCHDOG_USEC", "30000000", 1);
    ::setenv("WATCHDOG_PID", "1", 1);
    EXPECT_EQ(take_service_manager().watchdog, 0s);
}

TEST(ServiceManager, WordsOfAStateAreForPeople) {
    EXPECT_EQ(words_of(2, {.requests_per_second = 1239.6, .goals_kept = 3}),
              "2 processes, 1,240 requests/s, all goals kept");
    EXPECT_EQ(words_of(1, {.requests_per_second = 0.2}), "1 process, 0 requests/s");
    EXPECT_EQ(words_of(5, {.requests_per_second = 1'234'567, .goals_kept = 3, .goals_missed = 1}),
              "5 processes, 1,234,567 requests/s, 1 goal missed");
    EXPECT_THAT(words_of(1, {.goals_missed = 2}), HasSubstr("2 goals missed"));
}

TEST(ServiceNotices, ARestartIsToldWithItsTime) {
    ServiceNotices notices(0us);
    EXPECT_THAT(notices.ready(1s), HasSubstr("READY=1\n"));
    EXPECT_THAT(notices.reloading(2s), HasSubstr("RELOADING=1\nMONOTONIC_USEC=2000000\n"));
    EXPECT_EQ(notices.reloaded("the new program does not start", 3s),
              "READY=1\nSTATUS=the new program does not start");
    EXPECT_THAT(notices.reloaded("", 3s), HasSubstr("READY=1\n"));
}

TEST(ServiceNotices, AStopAsksForTheTimeOfADrain) {
    ServiceNotices notices(30s);
    notices.ready(0s);
    EXPECT_EQ(notices.stopping(13s), "STOPPING=1\nSTATUS=draining\nEXTEND_TIMEOUT_USEC=13000000");
}

TEST(ServiceNotices, TheStateIsToldEveryTenSecondsWhenItIsAnother) {
    ServiceNotices notices(0us);
    notices.ready(0s);
    EXPECT_EQ(notices.tick("5 requests/s", true, 9s), "");
    EXPECT_EQ(notices.wake_at(), 10s);
    EXPECT_EQ(notices.tick("5 requests/s", true, 10s), "STATUS=5 requests/s");
    EXPECT_EQ(notices.tick("5 requests/s", true, 20s), "");
    EXPECT_EQ(notices.tick("6 requests/s", true, 29s), "");
    EXPECT_EQ(notices.tick("6 requests/s", true, 30s), "STATUS=6 requests/s");
}

TEST(ServiceNotices, WithoutAWatchdogThereIsNoBeat) {
    ServiceNotices notices(0us);
    notices.ready(0s);
    EXPECT_THAT(notices.tick("", true, 5s), Not(HasSubstr("WATCHDOG")));
}

TEST(ServiceNotices, TheWatchdogHearsThreeTimesInItsTime) {
    ServiceNotices notices(30s);
    EXPECT_EQ(notices.wake_at(), std::nullopt);
    notices.ready(0s);
    EXPECT_EQ(notices.tick("", true, 0s), "WATCHDOG=1");
    EXPECT_EQ(notices.wake_at(), 10s);
    notices.heard(0s, 9s);
    EXPECT_THAT(notices.tick("", true, 10s), HasSubstr("WATCHDOG=1"));
    EXPECT_EQ(notices.complaint(), "");
}

TEST(ServiceNotices, AServerProcessThatTellsNothingIsNotWell) {
    ServiceNotices notices(30s);
    notices.ready(0s);
    notices.tick("", true, 0s);
    notices.heard(0s, 2s);
    EXPECT_THAT(notices.tick("", true, 17s), HasSubstr("WATCHDOG=1"));
    EXPECT_THAT(notices.tick("", true, 27s), Not(HasSubstr("WATCHDOG")));
    EXPECT_EQ(notices.complaint(), "the server process does not tell of itself any more");
    notices.heard(0s, 28s);
    EXPECT_THAT(notices.tick("", true, 37s), HasSubstr("WATCHDOG=1"));
    EXPECT_EQ(notices.complaint(), "");
}

TEST(ServiceNotices, AThreadThatDoesNotComeRoundIsNotWell) {
    ServiceNotices notices(30s);
    notices.ready(0s);
    notices.tick("", true, 0s);
    notices.heard(16s, 9s);
    EXPECT_THAT(notices.tick("", true, 10s), Not(HasSubstr("WATCHDOG")));
    EXPECT_EQ(notices.complaint(), "a thread of the server process does not come round");
}

TEST(ServiceNotices, AServerProcessThatIsStartedAgainHasItsTime) {
    ServiceNotices notices(30s);
    notices.ready(0s);
    notices.heard(20s, 1s);
    EXPECT_THAT(notices.tick("", false, 100s), HasSubstr("WATCHDOG=1"));
    EXPECT_THAT(notices.tick("", true, 110s), HasSubstr("WATCHDOG=1"));
    EXPECT_THAT(notices.tick("", true, 126s), Not(HasSubstr("WATCHDOG")));
}

}  // namespace
}  // namespace brio::app
