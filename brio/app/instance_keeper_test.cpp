#include <brio/app/instance_keeper.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <brio/json/write.hpp>
#include <brio/metrics/exposition.hpp>
#include <brio/runtime/scope.hpp>
#include <brio/testing/client.hpp>

namespace brio::app {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

struct FakeBoard final : InstanceBoard {
    struct Shared {
        std::vector<Read> others;
        std::optional<Told> told;
        std::string failure;
        bool has_left = false;
    };
    explicit FakeBoard(Shared& its_shared) : shared(its_shared) {}
    Async<void> tell(Told told) override {
        if (!shared.failure.empty()) {
            throw runtime::Unavailable(shared.failure);
        }
        shared.told = std::move(told);
        co_return;
    }
    Async<void> leave(std::string, std::int64_t) override {
        shared.has_left = true;
        co_return;
    }
    Async<std::vector<Read>> read() override { co_return shared.others; }
    std::string words() const override { return "a board"; }
    Shared& shared;
};

class InstanceKeeperTest : public ::testing::Test {
protected:
    InstanceKeeperTest() {
        add_instance_routes(router, keeper);
        board.others.push_back(
            {.ago = 2s,
             .text = json::to_string(watch::Announcement{.id = "b", .version = "2", .role = "server"})});
        board.others.push_back(
            {.ago = 20s, .text = json::to_string(watch::Announcement{.id = "c", .role = "worker"})});
        board.others.push_back({.ago = 1s, .text = "what is that?"});
    }
    ~InstanceKeeperTest() override {
        keeping.stop(runtime::StopReason::shutdown);
        while (keeping.running() > 0) {
            loop.turn(1ms);
        }
    }
    std::string metrics() {
        Buffer text;
        metrics::write_exposition(text, registry, metrics::Exposition::prometheus);
        return std::string(text.view());
    }

    FakeBoard::Shared board;
    runtime::Loop loop;
    metrics::Registry registry;
    InstanceKeeper keeper{{.registry = registry,
                           .board = std::make_unique<FakeBoard>(board),
                           .self = {.id = "a", .version = "1", .role = "server", .pid = 7},
                           .add_figures = [](watch::Announcement& self) { self.memory_bytes = 5; }}};
    runtime::Scope keeping{loop};
    http::Router router;
};

TEST_F(InstanceKeeperTest, SaysWhatItDoesAndKnowsTheOthers) {
    keeping.start(keeper.keep());
    ASSERT_TRUE(board.told);
    EXPECT_EQ(board.told->id, "a");
    EXPECT_EQ(board.told->pid, 7);
    EXPECT_EQ(watch::read_announcement(board.told->text)->memory_bytes, 5U);
    const auto now = keeper.now();
    ASSERT_EQ(now.instances.size(), 3U);
    EXPECT_EQ(now.through, "a board");
    EXPECT_EQ(now.sum.servers, 2U);
    EXPECT_EQ(now.sum.gone, 1U);
    EXPECT_EQ(now.sum.versions, (std::vector<std::string>{"1", "2"}));
    EXPECT_THAT(metrics(), HasSubstr(R"(service_processes{state="up"} 2)"));
    EXPECT_THAT(metrics(), HasSubstr(R"(service_processes{state="gone"} 1)"));
    EXPECT_THAT(metrics(), HasSubstr(R"(service_announcements_total{result="told"} 1)"));
}

TEST_F(InstanceKeeperTest, KnowsItselfWhenItsBoardIsAway) {
    board.failure = "the database is away";
    keeping.start(keeper.keep());
    const auto now = keeper.now();
    EXPECT_EQ(now.problem, "the database is away");
    ASSERT_EQ(now.instances.size(), 1U);
    EXPECT_TRUE(now.instances[0].is_self);
    EXPECT_THAT(metrics(), HasSubstr(R"(service_announcements_total{result="failed"} 1)"));
}

TEST_F(InstanceKeeperTest, TakesItselfOffWhenItIsToldToLeave) {
    keeping.start(keeper.keep());
    EXPECT_FALSE(board.has_left);
    keeper.leave();
    EXPECT_TRUE(board.has_left);
    EXPECT_EQ(keeping.running(), 0U);
}

TEST_F(InstanceKeeperTest, LeavesNothingBehindWhenItsLoopEnds) {
    keeping.start(keeper.keep());
    keeping.stop(runtime::StopReason::shutdown);
    EXPECT_EQ(keeping.running(), 0U);
    EXPECT_FALSE(board.has_left);
}

TEST_F(InstanceKeeperTest, GivesThemAllAtTheAdminServer) {
    keeping.start(keeper.keep());
    http::Services services;
    testing::TestClient client(loop, router, services);
    const auto answer = client.get("/api/instances");
    EXPECT_EQ(answer.status, 200);
    EXPECT_THAT(answer.body, HasSubstr(R"("id":"c","of":"c","is_self":false,"state":"gone")"));
}

TEST(Instances, AnAddressOfEveryInterfaceIsToldWithTheMachinesName) {
    const ProgramNow program{.program = "shop", .role = "server"};
    EXPECT_EQ(introduce(program, "a", "10.0.0.7", 8000).admin, "http://10.0.0.7:8000");
    EXPECT_EQ(introduce(program, "a", "127.0.0.1", 0).admin, "");
    const auto everywhere = introduce(program, "a", "0.0.0.0", 8000);
    EXPECT_EQ(everywhere.admin, "http://" + everywhere.host + ":8000");
}

TEST(Instances, WorkerProcessesAreNamedByTheServersAndTheirPlace) {
    const auto id = new_instance_id();
    EXPECT_EQ(id.size(), 16U);
    EXPECT_NE(id, new_instance_id());
    EXPECT_EQ(instance_id_of_worker(id, 0), id + ".1");
}

}  // namespace
}  // namespace brio::app
