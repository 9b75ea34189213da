#include <brio/app/handover.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include <brio/base/environment.hpp>
#include <brio/base/temporary_folder.hpp>
#include <brio/base/text.hpp>

namespace brio::app {
namespace {

bool is_inherited(int fd) { return (::fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0; }

void put(int file, std::string_view text) {
    ASSERT_EQ(::pwrite(file, text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
}

std::optional<Handover> take(std::string_view text) {
    auto file = memory_file("test");
    put(file.fd(), text);
    ::setenv("BRIO_HANDOVER", integer_text(file.release()).c_str(), 1);
    return take_handover();
}

std::string text_for(int supervisor, std::string_view more = "") {
    return concat({R"({"version":1,"supervisor":)", integer_text(supervisor),
                   R"(,"program":"/bin/x","instance":"abc","file":{},"listeners":{"api":[],"api_port":8080})",
                   more, "}"});
}

// Another program that writes down what it was given.
class Successor {
public:
    Successor() {
        std::ofstream(folder_.file("next")) << "#!/bin/sh\n"
                                               "cat /proc/self/fd/$BRIO_HANDOVER > \"$1\"\n"
                                               "ls /proc/self/fd >> \"$1\"\n";
        ::chmod(folder_.file("next").c_str(), 0755);
    }
    std::string path() const { return folder_.file("next"); }
    std::string wrote(const Handover& handover) const {
        auto const output = folder_.file("output");
        std::vector<std::string> const arguments{"next", output};
        auto const pid = ::fork();
        if (pid == 0) {
            ::_exit(become(handover, arguments));
        }
        int status = 0;
        ::waitpid(pid, &status, 0);
        EXPECT_EQ(status, 0);
        std::ifstream file(output);
        return {std::istreambuf_iterator<char>(file), {}};
    }

private:
    TemporaryFolder folder_;
};

TEST(Handover, APlainStartHasNone) {
    ::unsetenv("BRIO_HANDOVER");
    EXPECT_EQ(take_handover(), std::nullopt);
}

TEST(Handover, IsTakenOnceByTheProcessItIsFor) {
    auto const taken = take(text_for(::getpid()));
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->program, "/bin/x");
    EXPECT_EQ(taken->instance, "abc");
    EXPECT_EQ(taken->listeners.api_port, 8080);
    EXPECT_FALSE(taken->kept);
    EXPECT_EQ(environment("BRIO_HANDOVER"), std::nullopt);
    EXPECT_EQ(take_handover(), std::nullopt);
}

TEST(Handover, ServerProcessesOfTheSupervisorTakeItToo) { EXPECT_TRUE(take(text_for(::getppid()))); }

TEST(Handover, OneForAnotherProcessIsNone) {
    EXPECT_EQ(take(text_for(1'999'999'999)), std::nullopt);
    EXPECT_EQ(take("no JSON"), std::nullopt);
    ::setenv("BRIO_HANDOVER", "77777", 1);
    EXPECT_EQ(take_handover(), std::nullopt);
}

TEST(Handover, FieldsThatALaterProgramAddsAreLeftOut) {
    EXPECT_TRUE(take(text_for(::getpid(), R"(,"colour":"red")")));
}

TEST(Handover, AnotherFormIsRefusedWithWhatToDo) {
    auto text = text_for(::getpid());
    text.replace(text.find("\"version\":1"), 11, "\"version\":9");
    try {
        take(text);
        FAIL() << "it was taken";
    } catch (const std::runtime_error& error) {
        EXPECT_NE(std::string_view(error.what()).find("stop it and start this one"), std::string_view::npos);
    }
}

TEST(Handover, TheNextProgramHasItsDescriptorsAndNoOthers) {
    Successor const next;
    auto const inherited = memory_file("inherited");
    // far from those that the other program opens itself
    runtime::File const other(::fcntl(inherited.fd(), F_DUPFD_CLOEXEC, 300));
    auto const wrote = next.wrote({.supervisor = 7, .program = next.path(), .recordings = inherited.fd()});
    EXPECT_NE(wrote.find(R"("supervisor":7)"), std::string::npos) << wrote;
    EXPECT_NE(wrote.find(concat({"\n", integer_text(inherited.fd()), "\n"})), std::string::npos) << wrote;
    EXPECT_EQ(wrote.find(concat({"\n", integer_text(other.fd()), "\n"})), std::string::npos) << wrote;
}

TEST(Handover, AProgramThatCannotBeStartedLeavesAllAsItWas) {
    auto const file = memory_file("inherited");
    std::vector<std::string> const arguments{"next"};
    EXPECT_EQ(become({.program = "/nowhere", .recordings = file.fd()}, arguments), ENOENT);
    EXPECT_FALSE(is_inherited(file.fd()));
    EXPECT_EQ(become({.program = "/etc/passwd", .recordings = file.fd()}, arguments), EACCES);
    EXPECT_EQ(environment("BRIO_HANDOVER"), std::nullopt);
}

TEST(Handover, ListenersAreTheSameWhenTheyAreOwnedAgain) {
    Listeners listeners;
    listeners.api.push_back(memory_file("api"));
    listeners.admin = memory_file("admin");
    listeners.redirect = memory_file("redirect");
    listeners.api_port = 80;
    listeners.admin_host = "::1";
    auto const handed = describe(listeners);
    EXPECT_EQ(descriptors(handed), (std::vector<std::int32_t>{listeners.api[0].fd(), listeners.admin.fd(),
                                                              listeners.redirect.fd()}));
    for (auto& each : listeners.api) {
        each.release();
    }
    listeners.admin.release();
    listeners.redirect.release();
    auto const again = own(handed);
    EXPECT_EQ(describe(again).api, handed.api);
    EXPECT_EQ(again.api_port, 80);
    EXPECT_EQ(again.admin_host, "::1");
}

}  // namespace
}  // namespace brio::app
