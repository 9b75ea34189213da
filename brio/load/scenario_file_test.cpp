#include <brio/load/scenario_file.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <mutex>

#include <brio/base/temporary_folder.hpp>
#include <brio/load/answering_peer.hpp>
#include <brio/load/command.hpp>
#include <brio/load/output_file.hpp>
#include <brio/load/run.hpp>

namespace brio::load {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using Reply = AnsweringPeer::Reply;

ScenarioFile parsed(std::string_view toml, const std::string& file = "shop.toml") {
    auto read = parse_scenario(toml, file);
    EXPECT_TRUE(read) << read.error();
    return read ? std::move(*read) : ScenarioFile{.script = std::make_shared<const Script>()};
}
std::string fault_of(std::string_view toml) {
    const auto read = parse_scenario(toml, "shop.toml");
    return read ? "nothing is wrong" : read.error();
}

constexpr std::string_view one_user = R"(
[[user]]
name = "ApiUser"
share = 2
wait = "1s..3s"
[[user.task]]
name = "list"
weight = 3
get = "/items?page=${page}"
check = ["status = 200"]
[[user.task]]
[[user.task.step]]
post = "/items"
json = { name = "made by ${user}", owner = "${page}", tags = ["a", 1, 1.5, true] }
expect = [201]
take = { id = "id", tag = "header ETag" }
[[user.task.step]]
put = "/items/${id}"
name = "change"
headers = { If-Match = "${tag}", accept = "text/plain" }
)";

std::string whole(std::string_view before, std::string_view user = one_user) {
    return std::string(before) + "\n" + std::string(user);
}

TEST(ScenarioFile, SaysWhoDoesWhat) {
    const auto file = parsed(whole("[variables]\npage = 2\n[headers]\nAccept = \"application/json\""));
    const auto& user = file.script->users.at(0);
    EXPECT_EQ(user.name, "ApiUser");
    EXPECT_EQ(user.share, 2);
    ASSERT_EQ(user.tasks.size(), 2U);
    EXPECT_EQ(user.tasks[0].name, "list");
    EXPECT_EQ(user.tasks[0].weight, 3);
    EXPECT_EQ(user.tasks[0].steps.at(0).name, "/items");
    EXPECT_EQ(user.tasks[0].steps[0].method, "GET");
    EXPECT_EQ(user.tasks[1].name, "/items");
    const auto& change = user.tasks[1].steps.at(1);
    EXPECT_EQ(change.name, "change");
    ASSERT_EQ(change.headers.size(), 2U) << "a field of its own goes before that of all";
    EXPECT_EQ(change.headers[1].first, "accept");
    EXPECT_EQ(file.script->name, "shop");
    EXPECT_EQ(scenario_of(file.script).types.at(0).tasks.size(), 2U);
}

TEST(ScenarioFile, SaysHowMuchLoadThereIs) {
    const auto file =
        parsed(whole("target = \"http://h\"\nstages = \"0..10@1s\"\narrivals = true\n"
                     "for = \"2s\"\nwarm_up = \"0s\"\ngoals = [\"p99<50ms\"]\nvariables = { page = 1 }"));
    EXPECT_EQ(file.target, "http://h");
    EXPECT_EQ(file.stages, "0..10@1s");
    EXPECT_TRUE(file.arrivals);
    EXPECT_EQ(file.duration, 2s);
    EXPECT_EQ(file.warm_up, 0s);
    EXPECT_EQ(file.goals.at(0).text(), "p99<50ms");
}

TEST(ScenarioFile, WhatIsWrongHasItsPlace) {
    const std::pair<std::string, const char*> wrong[] = {
        {"users = 5", "no [[user]]"},
        {"users = \n", "shop.toml, line 1"},
        {"user = 5", "two brackets"},
        {"[[user]]\nname = \"a\"", "has no [[user.task]]"},
        {"[[user]]\n[[user.task]]\ngett = \"/\"", "line 3, column 1: there is no \"gett\" of a step"},
        {"[[user]]\n[[user.task]]\nget = \"/${id}\"", "line 3, column 7: there is no variable \"id\""},
        {"[[user]]\n[[user.task]]\nget = \"http://h/\"", "begins with /"},
        {"[[user]]\n[[user.task]]\nget = \"/${\"", "$${"},
        {"[[user]]\n[[user.task]]\nget = \"/\"\npost = \"/\"", "one request"},
        {"[[user]]\n[[user.task]]\nname = \"a\"", "what does this step ask for"},
        {"[[user]]\n[[user.task]]\nget = \"/\"\ncheck = \"total > 7\"", "line 4, column 9"},
        {"[[user]]\n[[user.task]]\nget = \"/\"\nexpect = [20]", "from 100 to 599"},
        {"[[user]]\n[[user.task]]\npost = \"/\"\nbody = \"a\"\njson = 1", "one body"},
        {"[[user]]\n[[user.task]]\nget = \"/\"\ntake = { user = \"id\" }", "something else"},
        {"[[user]]\nwait = \"soon\"", "line 2, column 8"},
        {"[[user]]\nwait = \"1s\"\npace = \"1s\"", "exclude"},
        {"[[user]]\n[[user.task]]\nweight = 0\nget = \"/\"", "weight above 0"},
        {"users = 1\nrate = 5", "exclude each other"},
        {"users = \"5\"", "must be a number"},
        {"goals = [\"p99\"]", "line 1, column 10"},
        {"for = 5", "must be text"},
        {"[feeds.rows]\ncsv = \"none.csv\"", "none.csv"},
        {"[feeds.rows]\norder = \"any\"", "has no file"},
    };
    for (const auto& [toml, hint] : wrong) {
        const auto fault = fault_of(toml);
        EXPECT_THAT(fault, HasSubstr(hint)) << toml;
        EXPECT_TRUE(fault.starts_with("shop.toml, line ")) << fault;
    }
}

TEST(Template, AValueStandsInItAsItsPlaceNeeds) {
    std::vector<std::optional<ScriptValue>> values{text_value("a \"b\"/é"), json_value("7"), std::nullopt};
    const auto filled = [&](Template::As as, std::size_t variable) {
        Template text;
        text.append("<");
        text.append(variable, as);
        text.append(">");
        return text.fill(values);
    };
    EXPECT_EQ(filled(Template::As::text, 0), "<a \"b\"/é>");
    EXPECT_EQ(filled(Template::As::path, 0), "<a%20%22b%22%2F%C3%A9>");
    EXPECT_EQ(filled(Template::As::in_string, 0), "<a \\\"b\\\"/é>");
    EXPECT_EQ(filled(Template::As::json, 0), "<\"a \\\"b\\\"/é\">");
    EXPECT_EQ(filled(Template::As::json, 1), "<7>");
    EXPECT_EQ(filled(Template::As::text, 2), std::nullopt);
}

// What was asked of a peer that has items.
struct Asked {
    std::mutex mutex;
    std::map<std::string, int> counts;
    std::string bodies;
    std::string last_change;

    Reply answer(std::string_view request) {
        const std::lock_guard lock(mutex);
        const std::string line(request.substr(0, request.find(" HTTP")));
        ++counts[line];
        const auto body = request.substr(request.find("\r\n\r\n") + 4);
        if (line.starts_with("POST")) {
            bodies += body;
            return {"HTTP/1.1 201 Created\r\nETag: \"v1\"\r\nContent-Length: 8\r\n\r\n{\"id\":7}"};
        }
        if (line.starts_with("PUT")) {
            last_change = request;
        }
        return {AnsweringPeer::ok(R"({"items":[{"id":7}],"total":1})")};
    }
};

Outcome run_script(const ScenarioFile& file, const std::string& target) {
    Plan plan{.target = target, .stages = {{.duration = 300ms, .from = 1, .to = 1}}};
    plan.users = 1;
    return run(plan, scenario_of(file.script), {});
}

TEST(ScenarioFile, StepsPassOnWhatTheyTake) {
    Asked asked;
    AnsweringPeer peer([&](std::string_view request, std::uint64_t) { return asked.answer(request); });
    const auto file = parsed(R"(
[[user]]
[[user.task]]
[[user.task.step]]
post = "/items"
json = { name = "by ${user}", n = "${user}", list = [1, 1.5, true, "$${x}"] }
expect = [201]
take = { id = "id", tag = "header ETag" }
[[user.task.step]]
put = "/items/${id}"
headers = { If-Match = "${tag}" }
form = { "a b" = "c&d ${id}" }
check = ["status = 200", "$.items[0].id = ${id}", "$.total > 5"]
)");
    const auto outcome = run_script(file, peer.url());
    EXPECT_THAT(asked.bodies, HasSubstr(R"({"list":[1,1.5,true,"${x}"],"n":0,"name":"by 0"})"));
    EXPECT_GT(asked.counts["PUT /items/7"], 0);
    EXPECT_THAT(asked.last_change, HasSubstr("If-Match: \"v1\"\r\n"));
    EXPECT_THAT(asked.last_change, HasSubstr("a%20b=c%26d%207"));
    std::map<std::string, std::pair<bool, bool>> checks;
    for (const auto& each : outcome.record.checks()) {
        checks[each.name] = {each.passed > 0, each.failed > 0};
    }
    EXPECT_EQ(checks["$.items[0].id = ${id}"], std::pair(true, false));
    EXPECT_EQ(checks["$.total > 5"], std::pair(false, true));
}

TEST(ScenarioFile, WithoutAValueATaskEndsBeforeTheRequest) {
    Asked asked;
    AnsweringPeer peer([&](std::string_view request, std::uint64_t) { return asked.answer(request); });
    const auto file = parsed(R"(
[[user]]
wait = "5ms"
[[user.start]]
get = "/begin"
[[user.task]]
put = "/items/${id}"
[[user.task]]
get = "/items"
take = { id = "items[3].id" }
)");
    const auto outcome = run_script(file, peer.url());
    EXPECT_EQ(asked.counts["GET /begin"], 1);
    EXPECT_GT(asked.counts["GET /items"], 0);
    EXPECT_EQ(asked.counts.size(), 2U) << "no PUT";
    ASSERT_EQ(outcome.record.checks().size(), 1U);
    EXPECT_EQ(outcome.record.checks()[0].name, "takes id");
}

TEST(ScenarioFile, RowsOfAFeedComeOncePerTaskOrUser) {
    const TemporaryFolder folder;
    const auto path = folder.file("shop.toml");
    write_file(folder.file("rows.csv"), "name,word\na,\"x, y\"\nb,z\n");
    const auto file = parsed(R"(
[feeds.rows]
csv = "rows.csv"
[feeds.kept]
csv = "rows.csv"
per = "user"
[[user]]
wait = "5ms"
[[user.task]]
get = "/${rows.name}/${rows.word}/${kept.name}"
)",
                             path);
    Asked asked;
    AnsweringPeer peer([&](std::string_view request, std::uint64_t) { return asked.answer(request); });
    run_script(file, peer.url());
    EXPECT_GT(asked.counts["GET /a/x%2C%20y/a"], 0);
    EXPECT_GT(asked.counts["GET /b/z/a"], 0);
    EXPECT_EQ(asked.counts.size(), 2U);
}

TEST(ScenarioFile, WhatIsTypedGoesBeforeIt) {
    const TemporaryFolder folder;
    const std::string path = folder.file("shop.toml");
    write_file(
        path,
        whole("target = \"http://h\"\nusers = 7\nfor = \"5s\"\ngoals = [\"p99<1s\"]\nvariables.page = 1"));
    const auto words_of = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), path);
        auto command = parse_command(arguments, {});
        EXPECT_TRUE(command.words) << command.text;
        return std::move(*command.words);
    };
    auto words = words_of({});
    EXPECT_EQ(words.plan.target, "http://h");
    EXPECT_EQ(words.plan.stages, (std::vector<Stage>{{5s, 7, 7}}));
    EXPECT_EQ(words.plan.scenario, "shop");
    EXPECT_EQ(words.judging.goals.size(), 1U);
    words = words_of({"http://other", "--rate", "9", "--for", "3s", "--goal", "p50<1ms", "--goal", "rps>1"});
    EXPECT_EQ(words.plan.target, "http://other");
    EXPECT_EQ(words.plan.stages, (std::vector<Stage>{{3s, 9, 9}}));
    EXPECT_EQ(words.judging.goals.size(), 2U);
    const auto wrong = parse_command({path, "--method", "PUT"}, {});
    EXPECT_EQ(wrong.status, 2);
    EXPECT_THAT(wrong.text, HasSubstr("its steps say it"));
    EXPECT_EQ(parse_command({"none.toml"}, {}).status, 2);
    EXPECT_EQ(parse_command({"http://a", "http://b"}, {}).status, 2);
}

}  // namespace
}  // namespace brio::load
