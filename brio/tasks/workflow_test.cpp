#include <brio/tasks/workflow.hpp>

#include <gmock/gmock.h>

#include <brio/base/text.hpp>
#include <brio/tasks/give.hpp>
#include <brio/tasks/memory_broker.hpp>
#include <brio/tasks/runner.hpp>

namespace brio::tasks {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

/// What was carried out, in order.
std::vector<std::string>* done = nullptr;
/// Those that fail.
std::set<std::string>* broken = nullptr;

struct Get {
    std::string name;
    static constexpr Policy policy{.name = "app.get", .retries = 0};
};
std::string get(Get task) {
    if (broken->contains(task.name)) {
        throw std::runtime_error(task.name + " is broken");
    }
    done->push_back(task.name);
    return task.name;
}

struct Append {
    std::string to;
    std::string what;
    static constexpr Policy policy{.name = "app.append", .retries = 0, .takes_previous = true};
};
std::string append(Append task) {
    if (broken->contains(task.what)) {
        throw std::runtime_error(task.what + " is broken");
    }
    done->push_back(task.to + task.what);
    return task.to + task.what;
}

struct Collect {
    std::vector<std::string> all;
    static constexpr Policy policy{.name = "app.collect", .queue = "own-queue", .takes_previous = true};
};
std::string collect(Collect task) {
    std::string whole;
    for (const std::string& each : task.all) {
        whole += each + ";";
    }
    done->push_back(whole);
    return whole;
}

struct Mourn {
    std::string id;
    static constexpr Policy policy{.name = "app.mourn", .takes_previous = true};
};
void mourn(Mourn task) { done->push_back("mourned " + task.id); }

class WorkflowTest : public testing::Test {
protected:
    WorkflowTest() {
        done = &carried_out;
        broken = &fails;
        call(broker.beat({.id = "w1"}));
        begin_runner();
    }
    ~WorkflowTest() override { end_runner(); }

    void begin_runner(int most_deaths = 3) {
        is_drained = false;
        runner.emplace(loop, Runner::Parts{tasks, services, running, [] { return std::string("w1"); }},
                       RunnerOptions{.queues = {"main-queue", "own-queue"}, .most_deaths = most_deaths});
        runner->start();
        turn();
    }
    void end_runner() {
        if (!runner) {
            return;
        }
        runner->drain([this] { is_drained = true; });
        for (int i = 0; i < 100 && !is_drained; ++i) {
            turn();
        }
        EXPECT_TRUE(is_drained);
        turn();
        runner.reset();
    }
    void turn() {
        for (int i = 0; i < 40; ++i) {
            loop.turn(0ns);
            loop.advance(50ms);
        }
    }
    template <class T>
    T call(Async<T> what) {
        runtime::Work work;
        work.loop = &loop;
        what.start(work, [](void*) {}, nullptr);
        for (int i = 0; i < 100 && !what.has_ended(); ++i) {
            loop.turn(0ns);
            loop.advance(1ms);
        }
        return what.result();
    }
    Workflow::Pushed push(Workflow workflow) {
        auto pushed = call(Queue(tasks).push(std::move(workflow)));
        turn();
        return pushed;
    }
    Status status(const std::string& id) { return call(broker.status(id)); }
    std::uint64_t retry(const std::string& id) {
        std::vector<std::string> ids;
        ids.push_back(id);
        const auto count = call(broker.retry_dead(std::move(ids)));
        turn();
        return count;
    }

    std::vector<std::string> carried_out;
    std::set<std::string> fails;
    runtime::Loop loop{runtime::Loop::Time::manual};
    metrics::Registry registry;
    http::Services services;
    TaskSet set{.definitions = {define(get), define(append), define(collect), define(mourn)}, .routes = {}};
    test::MemoryStore store;
    test::MemoryBroker broker{store};
    Tasks tasks{set, broker, registry};
    Running running;
    std::optional<Runner> runner;
    bool is_drained = false;
};

TEST_F(WorkflowTest, AChainHandsEachResultToTheNextStep) {
    const auto pushed = push(chain(Get{"a"}, Append{.what = "b"}, Append{.what = "c"}));
    EXPECT_THAT(carried_out, ElementsAre("a", "ab", "abc"));
    ASSERT_EQ(pushed.ids.size(), 3u);
    EXPECT_EQ(pushed.id, pushed.ids.back());
    EXPECT_EQ(status(pushed.id).result, "\"abc\"");
    EXPECT_EQ(status(pushed.ids.front()).result, "\"a\"");
}

TEST_F(WorkflowTest, AStepThatDoesNotTakeTheResultRunsAsItIs) {
    push(chain(Get{"a"}, Get{"b"}, Get{"c"}));
    EXPECT_THAT(carried_out, ElementsAre("a", "b", "c"));
}

TEST_F(WorkflowTest, TheFirstStepKeepsItsFirstField) {
    push(chain(Append{.to = "x", .what = "y"}, Append{.to = "unsent", .what = "z"}));
    EXPECT_THAT(carried_out, ElementsAre("xy", "xyz"));
}

TEST_F(WorkflowTest, AGroupRunsSideBySideAndHasNoResultOfItsOwn) {
    const auto pushed = push(group(Get{"a"}, Get{"b"}));
    EXPECT_THAT(carried_out, UnorderedElementsAre("a", "b"));
    EXPECT_EQ(pushed.id, "");
    EXPECT_EQ(pushed.ids.size(), 2u);
}

TEST_F(WorkflowTest, WhatComesAfterAGroupHasAllItsResultsInOrder) {
    const auto pushed = push(chord(group(std::vector{Get{"a"}, Get{"b"}, Get{"c"}}), Collect{}));
    ASSERT_EQ(carried_out.size(), 4u);
    EXPECT_EQ(carried_out.back(), "a;b;c;");
    EXPECT_EQ(status(pushed.id).result, "\"a;b;c;\"");
    EXPECT_EQ(status(pushed.id).queue, "own-queue");
}

TEST_F(WorkflowTest, GroupsAndStepsAlternateInAChain) {
    const auto pushed = push(chain(Get{"a"}, group(Append{.what = "1"}, Append{.what = "2"}), Collect{},
                                   group(Append{.what = "x"}, Append{.what = "y"}), Collect{}));
    EXPECT_EQ(status(pushed.id).result, R"("a1;a2;x;a1;a2;y;")");
    EXPECT_EQ(pushed.ids.size(), 7u);
}

TEST_F(WorkflowTest, APartOfAGroupMayBeAChain) {
    const auto pushed = push(chord(group(chain(Get{"a"}, Append{.what = "b"}), Get{"c"}), Collect{}));
    EXPECT_EQ(status(pushed.id).result, R"("ab;c;")");
}

TEST_F(WorkflowTest, GroupsWithinGroupsAreOne) {
    const auto pushed = push(chord(group(group(Get{"a"}, Get{"b"}), Get{"c"}), Collect{}));
    EXPECT_EQ(status(pushed.id).result, R"("a;b;c;")");
}

TEST_F(WorkflowTest, AStepThatFailsForGoodEndsTheChainAndThoseAfterItSayWhy) {
    fails = {"b"};
    const auto pushed = push(chain(Get{"a"}, Append{.what = "b"}, Append{.what = "c"}, Append{.what = "d"}));
    EXPECT_THAT(carried_out, ElementsAre("a"));
    EXPECT_EQ(status(pushed.ids[1]).error_type, "std::runtime_error");
    for (const auto& id : {pushed.ids[2], pushed.ids[3]}) {
        EXPECT_EQ(status(id).state, State::failed);
        EXPECT_EQ(status(id).error_type, "upstream");
        EXPECT_THAT(status(id).error, HasSubstr(pushed.ids[1]));
    }
}

TEST_F(WorkflowTest, AChainGoesOnWhenTheStepThatFailedIsRetried) {
    fails = {"b"};
    const auto pushed = push(chain(Get{"a"}, Append{.what = "b"}, Append{.what = "c"}));
    fails.clear();
    EXPECT_EQ(retry(pushed.ids[1]), 1u);
    EXPECT_EQ(status(pushed.id).result, R"("abc")");
    EXPECT_THAT(carried_out, ElementsAre("a", "ab", "abc"));
}

TEST_F(WorkflowTest, AGroupOfWhichAPartFailsIsNotWaitedForAndGoesOnWhenThatIsRetried) {
    fails = {"b"};
    const auto pushed = push(chain(group(Get{"a"}, Get{"b"}, Get{"c"}), Collect{}, Append{.what = "after"}));
    for (const auto& id : {pushed.ids[3], pushed.ids[4]}) {
        EXPECT_EQ(status(id).state, State::failed);
        EXPECT_EQ(status(id).error_type, "upstream");
        EXPECT_THAT(status(id).error, HasSubstr(pushed.ids[1]));
    }
    fails.clear();
    EXPECT_EQ(retry(pushed.ids[1]), 1u);
    EXPECT_EQ(status(pushed.id).result, R"("a;b;c;after")");
}

TEST_F(WorkflowTest, AChainInAGroupThatFailsEarlyIsAPartThatFailed) {
    fails = {"a"};
    const auto pushed = push(chord(group(chain(Get{"a"}, Append{.what = "b"}), Get{"c"}), Collect{}));
    EXPECT_EQ(status(pushed.id).state, State::failed);
    EXPECT_EQ(status(pushed.id).error_type, "upstream");
    fails.clear();
    retry(pushed.ids[0]);
    EXPECT_EQ(status(pushed.id).result, R"("ab;c;")");
}

TEST_F(WorkflowTest, WhatIsSaidOnFailureIsPushedOnceWithTheIdOfTheOneThatFailed) {
    fails = {"b", "c"};
    const auto pushed = push(group(Get{"a"}, Get{"b"}, Get{"c"}).on_failure(Mourn{}));
    ASSERT_EQ(carried_out.size(), 2u);
    EXPECT_EQ(carried_out.front(), "a");
    EXPECT_THAT(carried_out.back(), testing::AnyOf("mourned " + pushed.ids[1], "mourned " + pushed.ids[2]));
}

TEST_F(WorkflowTest, WhatIsSaidOnFailureOfAGroupWithinAGroupIsPushed) {
    fails = {"b"};
    const auto pushed = push(group(Get{"a"}, group(Get{"b"}, Get{"c"}).on_failure(Mourn{})));
    EXPECT_THAT(carried_out, UnorderedElementsAre("a", "c", "mourned " + pushed.ids[1]));
}

TEST_F(WorkflowTest, WhatCannotBePushedIsRefusedAtOnce) {
    const auto refused = [&](Workflow workflow) -> std::string {
        try {
            push(std::move(workflow));
        } catch (const std::invalid_argument& error) {
            return error.what();
        }
        return "it was pushed";
    };
    EXPECT_THAT(refused(Workflow::named("py.add", "[1", "{}")), HasSubstr("name of a task"));
    EXPECT_THAT(refused(Workflow(Get{"a"}, {.id = std::string(513, 'i')})), HasSubstr("id of a task"));
    EXPECT_THAT(refused(Workflow(Get{"a"}, {.queue = std::string("q\0q", 3)})), HasSubstr("queue"));
    EXPECT_THAT(refused(chord(group(chain(Get{"a"}, group(Get{"b"}, Get{"c"})), Get{"d"}), Collect{})),
                HasSubstr("ends with a group"));
    Workflow deep = Get{"a"};
    for (int i = 0; i < 40; ++i) {
        deep = group(chain(std::move(deep)).on_failure(Mourn{}));
    }
    EXPECT_THAT(refused(std::move(deep)), HasSubstr("within one another"));
    // Each task takes along what comes after it.
    EXPECT_THAT(refused(chord(group(std::vector(4000, Get{"a"})), Get{std::string(20'000, 'x')})),
                HasSubstr("bytes"));
    EXPECT_THAT(carried_out, IsEmpty());
}

TEST_F(WorkflowTest, AStepThatCannotBePushedEndsTheOneBeforeItAsFailedAndNothingElse) {
    end_runner();
    const auto bad = Workflow::named("py.add", "[]", "{}", true, {.id = std::string(513, 'i')});
    const auto pushed = call(Queue(tasks).push(
        chord(group(chain(Get{"a"}, bad), chain(Get{"b"}, Append{.what = "c"})), Collect{})));
    const auto other = call(Queue(tasks).push(chain(Get{"x"}, Append{.what = "y"})));
    begin_runner();
    turn();
    EXPECT_EQ(status(pushed.ids[0]).state, State::failed);
    EXPECT_EQ(status(pushed.ids[0]).error_type, "followers");
    EXPECT_EQ(status(pushed.id).error_type, "upstream");
    EXPECT_EQ(status(pushed.ids[3]).result, "\"bc\"");
    EXPECT_EQ(status(other.id).result, "\"xy\"");
}

TEST_F(WorkflowTest, NothingIsSaidOfAChainThatIsDone) {
    push(chain(Get{"a"}, Append{.what = "b"}).on_failure(Mourn{}));
    EXPECT_THAT(carried_out, ElementsAre("a", "ab"));
}

TEST_F(WorkflowTest, APartThatIsRevokedOrExpiresFails) {
    end_runner();
    auto workflow = chord(group(Get{"a"}, Workflow(Get{"b"}, {.expires = 1ms}), Get{"c"}), Collect{});
    const auto pushed = call(Queue(tasks).push(std::move(workflow)));
    EXPECT_TRUE(call(broker.revoke(pushed.ids[2])));
    std::this_thread::sleep_for(5ms);
    begin_runner();
    turn();
    EXPECT_EQ(status(pushed.ids[1]).state, State::expired);
    EXPECT_EQ(status(pushed.ids[2]).state, State::revoked);
    EXPECT_THAT(carried_out, ElementsAre("a"));
    EXPECT_EQ(status(pushed.id).error_type, "upstream");
}

TEST_F(WorkflowTest, WhatDiedTooOftenIsDeadAndFollowed) {
    end_runner();
    const auto pushed = call(Queue(tasks).push(chain(Get{"a"}, Append{.what = "b"})));
    begin_runner(0);
    turn();
    EXPECT_EQ(status(pushed.ids[0]).error_type, "death");
    EXPECT_EQ(status(pushed.ids[1]).error_type, "upstream");
    EXPECT_THAT(carried_out, IsEmpty());
}

TEST_F(WorkflowTest, AStepThatRunsAgainPushesNothingASecondTime) {
    end_runner();
    const auto pushed = call(Queue(tasks).push(chord(group(Get{"a"}, Get{"b"}), Collect{})));
    std::vector<std::string> queues{"main-queue"};
    auto claims = call(broker.claim({.worker = "w1", .queues = queues, .most = 2}));
    ASSERT_EQ(claims.size(), 2u);
    for (int again = 0; again < 2; ++again) {
        std::vector<Ending> endings;
        for (const Claim& each : claims) {
            endings.push_back({each.message, {.held = each.held(), .result = "\"r\""}});
        }
        call(tell_followers(tasks, std::move(endings), Timestamp(wall_now())));
        begin_runner();
        turn();
        end_runner();
    }
    EXPECT_THAT(carried_out, ElementsAre("r;r;"));
    EXPECT_EQ(status(pushed.id).state, State::done);
}

TEST_F(WorkflowTest, APythonStepKeepsItsPlaceAndItsArguments) {
    end_runner();
    const auto pushed = call(Queue(tasks).push(
        chain(Get{"a"}, Workflow::named("py.add", "[1]", R"({"k":2})", true, {.queue = "python"}))));
    begin_runner();
    turn();
    std::vector<std::string> queues{"python"};
    const auto claims = call(broker.claim({.worker = "w1", .queues = queues, .most = 2}));
    ASSERT_EQ(claims.size(), 1u);
    EXPECT_EQ(claims.front().message.args, R"(["a",1])");
    EXPECT_EQ(claims.front().message.kwargs, R"({"k":2})");
    EXPECT_EQ(claims.front().message.parent_id, pushed.ids[0]);
    EXPECT_EQ(claims.front().message.root_id, pushed.ids[0]);
    call(broker.settle("w1", returned({claims.front().held()})));
}

}  // namespace
}  // namespace brio::tasks
