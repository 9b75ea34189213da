// The real sample program: supervised, drained, killed and restarted under load.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <functional>

#include <brio/base/clock.hpp>
#include <brio/testing/clients.hpp>
#include <brio/testing/server_process.hpp>

namespace brio::app {
namespace {

using brio::testing::Connection;
using brio::testing::ProcessOptions;
using brio::testing::run_program;
using brio::testing::ServerProcess;
using ::testing::HasSubstr;

struct Pid {
    std::int64_t pid;
};

std::string sample() {
    auto const* folder = std::getenv("BRIO_BIN");
    return std::string(folder != nullptr ? folder : "bin") + "/brio_app_sample";
}

ProcessOptions quiet(std::vector<std::pair<std::string, std::string>> environment = {}) {
    environment.emplace_back("BRIO_LOG", "json");
    return {.program = sample(), .arguments = {"--threads", "2"}, .environment = std::move(environment)};
}

std::int64_t serving_pid(const ServerProcess& server) {
    return Connection(server.port()).get("/api/process", {{"Connection", "close"}}).as<Pid>().pid;
}

// Gives other threads and processes their turn until `holds`; false when it never does.
bool eventually(const std::function<bool()>& holds) {
    auto const end = monotonic_now() + std::chrono::seconds(20);
    while (monotonic_now() < end) {
        if (holds()) {
            return true;
        }
        std::this_thread::yield();
    }
    return false;
}

bool is_refused(std::uint16_t port) {
    try {
        Connection const connection(port);
        return false;
    } catch (const std::system_error&) {
        return true;
    }
}

TEST(Serve, AnswersFromAChildOfTheSupervisorAndEndsWithZeroOnSigterm) {
    ServerProcess server(quiet());
    auto const children = server.children();
    ASSERT_EQ(children.size(), 1U);
    EXPECT_EQ(serving_pid(server), children.front());
    server.signal(SIGTERM);
    EXPECT_EQ(server.wait(), 0);
}

TEST(Serve, SigtermUnderLoadLosesNoRequest) {
    ServerProcess server(quiet());
    testing::Clients clients(server.port(), "/api/hello", 24);
    ASSERT_TRUE(eventually([&] { return clients.answered() > 2000; }));
    server.signal(SIGTERM);
    clients.wait_until_refused();
    EXPECT_EQ(clients.lost(), 0U);
    EXPECT_EQ(clients.not_200(), 0U);
    EXPECT_EQ(server.wait(), 0);
}

TEST(Serve, SigtermLosesNoConnectionThatIsJustBeingMade) {
    ServerProcess server(quiet());
    std::atomic<std::uint64_t> lost{0};
    std::atomic<std::uint64_t> answered{0};
    std::vector<std::thread> clients;
    for (int i = 0; i < 8; ++i) {
        clients.emplace_back([&] {
            for (;;) {
                std::optional<Connection> connection;
                try {
                    connection.emplace(server.port());
                } catch (const std::system_error&) {
                    return;
                }
                try {
                    connection->get("/api/hello", {{"Connection", "close"}});
                    ++answered;
                } catch (const std::exception&) {
                    ++lost;
                }
            }
        });
    }
    ASSERT_TRUE(eventually([&] { return answered > 500; }));
    server.signal(SIGTERM);
    for (auto& client : clients) {
        client.join();
    }
    EXPECT_EQ(lost, 0U);
    EXPECT_EQ(server.wait(), 0);
}

TEST(Serve, ARequestUnderWayIsAnsweredBeforeTheEnd) {
    ServerProcess server(quiet());
    Connection connection(server.port());
    connection.get("/healthz");
    connection.send("GET /api/wait/700 HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_TRUE(eventually([&] {  // it is in flight when the admin page says so
        return Connection(server.admin_port()).get("/metrics").body.find("\nhttp_requests_in_flight 1") !=
               std::string::npos;
    }));
    server.signal(SIGTERM);
    auto const answer = connection.receive();
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.says_close());
    EXPECT_EQ(server.wait(), 0);
}

TEST(Serve, ADrainingProcessSaysThatItIsNotReady) {
    ServerProcess server(quiet());
    Connection busy(server.port());
    busy.send("GET /api/wait/1500 HTTP/1.1\r\nHost: a\r\n\r\n");
    Connection asking(server.port());
    EXPECT_EQ(asking.get("/readyz").status, 200);
    server.signal(SIGTERM);
    testing::Answer last;
    ASSERT_TRUE(eventually([&] {
        last = asking.get("/readyz");
        return last.status == 503;
    }));
    EXPECT_EQ(last.problem_code(), "draining");
    EXPECT_EQ(last.header("Retry-After"), "1");
    EXPECT_EQ(server.wait(), 0);
}

TEST(Serve, ADrainThatWaitsSaysThatItIsNotReadyAndAnswersAllElse) {
    ServerProcess server(quiet({{"BRIO_DRAIN_WAIT_MS", "1000"}}));
    server.signal(SIGTERM);
    ASSERT_TRUE(eventually([&] { return Connection(server.port()).get("/readyz").status == 503; }));
    EXPECT_EQ(Connection(server.port()).get("/healthz").status, 200);
    EXPECT_EQ(Connection(server.port()).get("/api/hello").status, 200);
    EXPECT_EQ(server.wait(), 0);
    EXPECT_TRUE(is_refused(server.port()));
}

TEST(Serve, AProcessThatAnotherFollowsDoesNotSayThatTheServiceEnds) {
    ServerProcess server(quiet());
    Connection busy(server.port());
    busy.send("GET /api/wait/1500 HTTP/1.1\r\nHost: a\r\n\r\n");
    Connection asking(server.port());
    EXPECT_EQ(asking.get("/healthz").status, 200);
    server.signal(SIGHUP);
    ASSERT_TRUE(eventually([&] { return server.output().find("\"draining\"") != std::string::npos; }));
    EXPECT_EQ(asking.get("/readyz").status, 200);
    EXPECT_EQ(busy.receive().status, 200);
}

TEST(Serve, ASignalOfRetirementToTheSupervisorIsNothing) {
    ServerProcess server(quiet());
    server.signal(SIGUSR1);
    EXPECT_EQ(Connection(server.port()).get("/healthz").status, 200);
    server.signal(SIGTERM);
    EXPECT_EQ(server.wait(), 0);
}

TEST(Serve, WhatIsStillUnderWayAfterTheGraceIsStoppedWith503) {
    ServerProcess server(quiet({{"BRIO_GRACE_MS", "50"}, {"BRIO_DEADLINE_API_MS", "60000"}}));
    Connection connection(server.port());
    connection.send("GET /api/wait/50000 HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_TRUE(eventually([&] {
        return Connection(server.admin_port()).get("/metrics").body.find("\nhttp_requests_in_flight 1") !=
               std::string::npos;
    }));
    server.signal(SIGTERM);
    EXPECT_EQ(connection.receive().status, 503);
    EXPECT_EQ(server.wait(), 0);
}

TEST(Serve, ACtrlCDuringADrainEndsAtOnce) {
    ServerProcess server(quiet());
    Connection connection(server.port());
    connection.send("GET /api/hold-up/60000 HTTP/1.1\r\nHost: a\r\n\r\n");
    server.signal(SIGTERM);
    ASSERT_TRUE(eventually(
        [&] { return server.output().find("draining") != std::string::npos || is_refused(server.port()); }));
    server.signal(SIGINT);
    EXPECT_EQ(server.wait(), 1);
}

TEST(Serve, AKilledServerProcessIsReplacedAndWhoeverConnectsMeanwhileIsAnswered) {
    ServerProcess server(quiet());
    auto const before = serving_pid(server);
    ::kill(static_cast<pid_t>(before), SIGKILL);
    ASSERT_TRUE(eventually([&] { return server.output().find("ended by a signal") != std::string::npos; }));
    auto const after = serving_pid(server);
    EXPECT_NE(after, before);
    EXPECT_EQ(server.children(), std::vector{static_cast<pid_t>(after)});
    server.signal(SIGTERM);
    EXPECT_EQ(server.wait(), 0);
}

TEST(Serve, ACrashInAHandlerTakesOnlyItsOwnProcess) {
    ServerProcess server(quiet());
    for (int i = 0; i < 3; ++i) {
        Connection connection(server.port());
        connection.send("POST /api/crash HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
        EXPECT_EQ(connection.try_receive(), std::nullopt);
        EXPECT_EQ(Connection(server.port()).get("/healthz").status, 200);
    }
    EXPECT_THAT(server.output(), HasSubstr("ended by a signal"));
    server.signal(SIGTERM);
    EXPECT_EQ(server.wait(), 0);
}

TEST(Serve, SighupUnderLoadChangesTheProcessAndLosesNoRequest) {
    ServerProcess server(quiet());
    testing::Clients clients(server.port(), "/api/hello", 16);
    for (int i = 0; i < 3; ++i) {
        auto const before = server.children();
        ASSERT_EQ(before.size(), 1U);
        auto const answered = clients.answered();
        server.signal(SIGHUP);
        ASSERT_TRUE(eventually([&] {
            auto const now = server.children();
            return now.size() == 1 && now != before;
        }));
        ASSERT_TRUE(eventually([&] { return clients.answered() > answered + 1000; }));
    }
    clients.stop();
    EXPECT_EQ(clients.lost(), 0U);
    EXPECT_EQ(clients.not_200(), 0U);
    server.signal(SIGTERM);
    EXPECT_EQ(server.wait(), 0);
}

TEST(Serve, SighupWithABadFileLeavesTheOldProcessServing) {
    ServerProcess server(quiet());
    auto const before = serving_pid(server);
    std::ofstream(server.folder().file("brio.toml")) << "BRIO_GRACE_MS = \"soon\"\n";
    server.signal(SIGHUP);
    ASSERT_TRUE(
        eventually([&] { return server.output().find("BRIO_GRACE_MS (brio.toml)") != std::string::npos; }));
    ASSERT_TRUE(eventually([&] { return server.children().size() == 1; }));
    EXPECT_EQ(serving_pid(server), before);
}

TEST(Serve, TheServerProcessEndsWhenItsSupervisorIsKilled) {
    ServerProcess server(quiet());
    server.signal(SIGKILL);
    EXPECT_EQ(server.wait(), -SIGKILL);
    EXPECT_TRUE(eventually([&] { return is_refused(server.port()) && is_refused(server.admin_port()); }));
}

TEST(Serve, APortThatAnotherProgramHasIsNamed) {
    ServerProcess server(quiet());
    TemporaryFolder const folder;
    auto const second = run_program(
        folder, {sample(), "serve", "--port", std::to_string(server.port()), "--admin-port", "0"}, {});
    EXPECT_EQ(second.status, 1);
    EXPECT_THAT(second.output, HasSubstr("another program has this port"));
}

TEST(Serve, TheAdminPagesAskForTheTokenWhenThereIsOne) {
    ServerProcess server(quiet({{"BRIO_ADMIN_TOKEN", "s3cret"}}));
    Connection connection(server.admin_port());
    auto const refused = connection.get("/metrics");
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(refused.header("WWW-Authenticate"), "Bearer");
    EXPECT_EQ(connection.get("/metrics", {{"Authorization", "Bearer s3cre"}}).status, 401);
    EXPECT_EQ(connection.get("/metrics", {{"Authorization", "Bearer s3cretx"}}).status, 401);
    EXPECT_EQ(connection.get("/metrics", {{"Authorization", "Basic s3cret"}}).status, 401);
    EXPECT_EQ(connection.get("/metrics", {{"Authorization", "Bearer s3cret"}}).status, 200);
}

TEST(Serve, BadUseEndsWithTwoAndACommandOfTheProgramWithItsOwnStatus) {
    TemporaryFolder const folder;
    auto const status = [&](std::vector<std::string> words) {
        words.insert(words.begin(), sample());
        return run_program(folder, words, {}).status;
    };
    EXPECT_EQ(status({}), 2);
    EXPECT_EQ(status({"sevre"}), 2);
    EXPECT_EQ(status({"serve", "--port", "many"}), 2);
    EXPECT_EQ(status({"serve", "--colour", "red"}), 2);
    EXPECT_EQ(status({"--help"}), 0);
    EXPECT_EQ(status({"count", "a", "b"}), 0);
    EXPECT_EQ(status({"count"}), 1);
}

TEST(Bench, WhatTheProgramPrintsIsNotTakenForAnAnswer) {
    TemporaryFolder const folder;
    auto const done = run_program(folder, {sample(), "bench", "--counts", "GET /api/talk"}, {});
    EXPECT_EQ(done.status, 0) << done.output.substr(0, 1000);
    EXPECT_THAT(done.output, HasSubstr("ok    GET /api/talk\n"));
}

}  // namespace
}  // namespace brio::app
