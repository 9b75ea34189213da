#include <brio/load/command.hpp>

#include <gtest/gtest.h>

namespace brio::load {
namespace {

using namespace std::chrono_literals;

CommandWords parsed(const std::vector<std::string>& arguments, const CommandSetup& setup = {}) {
    auto const command = parse_command(arguments, setup);
    EXPECT_TRUE(command.words) << command.text;
    return command.words ? CommandWords{.plan = command.words->plan,
                                        .request = {.method = command.words->request.method,
                                                    .content_type = command.words->request.content_type,
                                                    .options = command.words->request.options},
                                        .wait = command.words->wait}
                         : CommandWords{};
}

std::string refused(const std::vector<std::string>& arguments) {
    auto const command = parse_command(arguments, {});
    EXPECT_FALSE(command.words);
    EXPECT_EQ(command.status, 2);
    return command.text;
}

TEST(LoadCommandLine, UrlAloneIsTenUsersForTenSeconds) {
    auto const words = parsed({"127.0.0.1:8080/items"});
    EXPECT_EQ(words.plan.target, "http://127.0.0.1:8080/items");
    EXPECT_EQ(words.plan.model, Model::closed);
    EXPECT_EQ(words.plan.stages, (std::vector<Stage>{{10s, 10, 10}}));
    EXPECT_EQ(words.plan.warm_up, 1s);
    EXPECT_EQ(words.request.method, "GET");
}

TEST(LoadCommandLine, RateMakesTheModelOpen) {
    auto const words = parsed({"https://h/", "--rate", "500", "--for", "1m30s"});
    EXPECT_EQ(words.plan.model, Model::open);
    EXPECT_EQ(words.plan.stages, (std::vector<Stage>{{90s, 500, 500}}));
    EXPECT_EQ(parsed({"https://h/", "--rate", "5", "--poisson"}).plan.model, Model::poisson);
}

TEST(LoadCommandLine, StagesTakeThePlaceOfTheTime) {
    auto const words = parsed({"http://h/", "--stages", "0..10@1s,10@2s"});
    EXPECT_EQ(words.plan.stages, (std::vector<Stage>{{1s, 0, 10}, {2s, 10, 10}}));
    EXPECT_EQ(words.plan.model, Model::closed);
    EXPECT_EQ(parsed({"http://h/", "--arrivals", "--stages", "0..10@1s"}).plan.model, Model::open);
}

TEST(LoadCommandLine, BodyIsPostedWithItsKind) {
    auto const words = parsed({"http://h/", "--body", "{\"a\":1}", "--header", "X-Key:  v "});
    EXPECT_EQ(words.request.method, "POST");
    EXPECT_EQ(words.request.content_type, "application/json");
    ASSERT_EQ(words.request.options.headers.size(), 1U);
    EXPECT_EQ(words.request.options.headers[0], std::pair(std::string("X-Key"), std::string("v")));
    EXPECT_EQ(parsed({"http://h/", "--body", "x", "--method", "PUT"}).request.method, "PUT");
}

TEST(LoadCommandLine, ProgramWithAScenarioKnowsWhereItRuns) {
    Scenario const shop{.name = "shop", .types = {}};
    CommandSetup const setup{.program = "shop load", .scenario = &shop, .target = "http://127.0.0.1:8080"};
    auto const words = parsed({"--users", "3"}, setup);
    EXPECT_EQ(words.plan.target, "http://127.0.0.1:8080");
    EXPECT_EQ(words.plan.scenario, "shop");
    EXPECT_FALSE(parse_command({"--body", "x"}, setup).words);
}

TEST(LoadCommandLine, AWorkerKnowsItsMasterAndLeavesTheRestToIt) {
    auto const command = parse_command({"http://h/", "--worker", "--master-host", "m", "--threads", "2"}, {});
    ASSERT_TRUE(command.words && command.words->master) << command.text;
    EXPECT_EQ(command.words->master->host, "m");
    EXPECT_EQ(command.words->master->port, 5557);
    EXPECT_EQ(command.words->plan.warm_up, 0s);
    for (std::vector<std::string> const& each : std::vector<std::vector<std::string>>{
             {"--users", "5"}, {"--for", "5s"}, {"--goal", "p99<50ms"}, {"--json", "f"}, {"--find-limit"}}) {
        std::vector<std::string> arguments{"http://h/", "--worker"};
        arguments.insert(arguments.end(), each.begin(), each.end());
        EXPECT_NE(refused(arguments).find(each.front() + ": with --worker"), std::string::npos);
    }
    EXPECT_NE(refused({"http://h/", "--master-port", "5"}).find("--worker"), std::string::npos);
}

TEST(LoadCommandLine, BadUseIsNamed) {
    EXPECT_NE(refused({}).find("url is required"), std::string::npos) << refused({});
    EXPECT_NE(refused({"http://h/", "--for", "soon"}).find("\"soon\" is no time"), std::string::npos);
    EXPECT_NE(refused({"http://h/", "--rate", "5", "--users", "3"}).find("--users"), std::string::npos);
    EXPECT_NE(refused({"http://h/", "--stages", "5"}).find("is no stage"), std::string::npos);
    EXPECT_NE(refused({"http://h/", "--header", "x"}).find("is no field"), std::string::npos);
    EXPECT_NE(refused({"http://h/", "--threads", "2", "--connections", "1"}).find("more threads"),
              std::string::npos);
    EXPECT_NE(refused({"http://h/", "--fast"}).find("--fast"), std::string::npos);
    EXPECT_NE(refused({"http://h/", "--find-limit", "--goal", "rps>5"}).find("leave it out"),
              std::string::npos);
    EXPECT_NE(refused({"http://h/", "--json", "/no/such/folder/f"}).find("No such file"), std::string::npos);
    EXPECT_NE(refused({"http://h/", "--html", "/"}).find("Is a directory"), std::string::npos);
}

TEST(LoadCommandLine, OptionThatWouldDoNothingIsRefused) {
    for (auto const* level : {"--users", "--rate", "--for"}) {
        EXPECT_NE(refused({"http://h/", "--stages", "5@1s", level, "3"}).find(level), std::string::npos);
    }
    EXPECT_NE(refused({"http://h/", "--rate", "5", "--wait", "1s"}).find("--wait"), std::string::npos);
    EXPECT_NE(refused({"http://h/", "--users", "5", "--most-users", "9"}).find("--most-users"),
              std::string::npos);
    EXPECT_NE(refused({"http://h/", "--secret", "s"}).find("--secret"), std::string::npos);
    EXPECT_EQ(parsed({"http://h/", "--rate", "5", "--most-users", "9"}).plan.users, 9U);
}

TEST(LoadCommandLine, BodyFileThatCannotBeReadIsNamed) {
    EXPECT_NE(refused({"http://h/", "--body-file", "/proc/self/mem"}).find("cannot read /proc/self/mem"),
              std::string::npos);
}

TEST(LoadCommandLine, HelpIsNoBadUse) {
    auto const command = parse_command({"--help"}, {});
    EXPECT_EQ(command.status, 0);
    EXPECT_NE(command.text.find("--rate"), std::string::npos);
}

TEST(LoadCommandLine, HelpFitsAScreenAndAllOfItIsToBeHad) {
    auto const help = parse_command({"--help"}, {});
    EXPECT_EQ(help.status, 0);
    EXPECT_LE(std::ranges::count(help.text, '\n'), 24);
    auto const all = parse_command({"--help-all"}, {});
    EXPECT_EQ(all.status, 0);
    EXPECT_NE(all.text.find("--master-host"), std::string::npos);
}

TEST(LoadCommandLine, LeaderIsTypedWithItsFollowersAndTheyWithItsAddressOnly) {
    auto const led =
        parse_command({"http://h/", "--users", "9", "--lead", "0.0.0.0:7", "--followers", "3"}, {});
    ASSERT_TRUE(led.words) << led.text;
    EXPECT_EQ(led.words->lead, (WebAddress{.host = "0.0.0.0", .port = 7}));
    EXPECT_EQ(led.words->followers, 3U);
    auto const follows = parse_command({"--follow", "h:7", "--secret", "s"}, {});
    ASSERT_TRUE(follows.words) << follows.text;
    EXPECT_EQ(follows.words->follow, (WebAddress{.host = "h", .port = 7}));
    EXPECT_EQ(follows.words->secret, "s");
    EXPECT_NE(
        refused({"--follow", "h:7", "--users", "3"}).find("--users: with --follow that is the leader's"),
        std::string::npos);
    EXPECT_NE(refused({"http://h/", "--lead", "7"}).find("--followers"), std::string::npos);
    EXPECT_NE(refused({"http://h/", "--followers", "2"}).find("--lead"), std::string::npos);
    EXPECT_NE(refused({"http://h/", "--lead", "7", "--followers", "2", "--web", "8"}).find("--web"),
              std::string::npos);
    EXPECT_NE(refused({"--followers", "2"}).find("url"), std::string::npos);
}

}  // namespace
}  // namespace brio::load
