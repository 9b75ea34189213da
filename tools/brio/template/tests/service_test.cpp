// The service in process: its routes on a database of its own, through everything but TCP.
#include <brio/testing/service.hpp>
#include <brio/testing/statements.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "../src/service.hpp"

namespace service {
namespace {

// As clients see them; fields that are not here are not looked at. The model's own Text would refuse to hold
// what a test is about to send wrongly.
struct SentNote {
    std::int64_t topic_id;
    std::string words;
};
struct Item {
    static constexpr bool open_object = true;
    std::int64_t id;
    std::int64_t topic_id;
    std::string words;
    State state;
    Timestamp created_at;
    std::int64_t version;
    std::optional<Topic> topic;
};
struct Items {
    static constexpr bool open_object = true;
    std::vector<Item> items;
    std::int64_t total;
    std::int64_t pages;
};

class Service : public ::testing::Test {
protected:
    Service() { client.post("/api/topics", NewTopic{Text<80, 1>("shopping")}); }
    std::string add(std::string words) {
        return std::string(client.post("/api/notes", SentNote{1, std::move(words)}).header("Location"));
    }
    brio::testing::TestService service{migrations, routes, {.tasks = {{tasks::define(count_notes)}, {}}}};
    brio::testing::TestClient& client = service.client();
};

TEST_F(Service, ANewNoteIsOpenAndShownWithItsTopic) {
    auto const note = client.get(add("buy milk")).as<Item>();

    EXPECT_EQ(note.words, "buy milk");
    EXPECT_EQ(note.state, State::open);
    ASSERT_TRUE(note.topic);
    EXPECT_EQ(note.topic->name, "shopping");
}

TEST_F(Service, ANoteThatIsNotValidIsRefusedAndNotStored) {
    EXPECT_EQ(client.post("/api/notes", SentNote{1, ""}).problem_code(), "invalid");
    EXPECT_EQ(client.post("/api/notes", SentNote{99, "of no topic"}).problem_code(), "reference_missing");
    EXPECT_EQ(service.run(service.db().select(notes).count()), 0U);
}

TEST_F(Service, ANameOfATopicIsTakenOnce) {
    EXPECT_EQ(client.post("/api/topics", NewTopic{Text<80, 1>("shopping")}).problem_code(), "duplicate");
}

TEST_F(Service, AListIsFilteredAndPagedByAFixedNumberOfStatements) {
    for (int i = 0; i < 30; ++i) {
        add("note " + std::to_string(i));
    }
    client.patch("/api/notes/7", NotePatch{.state = State::done});

    auto const page = client.get("/api/notes?state=open&page=2&page_size=20");

    brio::testing::expect_queries(page, 2);  // the rows with their topics, and the total
    EXPECT_EQ(page.as<Items>().items.size(), 9U);
    EXPECT_EQ(page.as<Items>().total, 29);
    EXPECT_EQ(client.get("/api/notes?colour=red").status, 422);
}

TEST_F(Service, AKeptListIsEndedByAWrite) {
    add("first");
    EXPECT_EQ(client.get("/api/notes").header("X-Cache"), "MISS");
    EXPECT_EQ(client.get("/api/notes").header("X-Cache"), "HIT");

    add("second");

    auto const list = client.get("/api/notes");
    EXPECT_EQ(list.header("X-Cache"), "MISS");
    EXPECT_EQ(list.as<Items>().total, 2);
}

TEST_F(Service, OfTwoChangesOfOneVersionOneIsRefused) {
    auto const path = add("before");
    auto const tag = std::string(client.get(path).header("ETag"));

    EXPECT_EQ(client.patch(path, NotePatch{.state = State::done}, {{"If-Match", tag}}).status, 200);
    EXPECT_EQ(client.patch(path, NotePatch{.state = State::open}, {{"If-Match", tag}}).status, 412);
    EXPECT_EQ(client.get(path).as<Item>().state, State::done);
}

TEST_F(Service, ARemovedTopicTakesItsNotesAlong) {
    auto const path = add("gone");

    EXPECT_EQ(client.del("/api/topics/1").status, 204);

    EXPECT_EQ(client.get(path).status, 404);
    EXPECT_EQ(client.del("/api/topics/1").status, 404);
}

TEST_F(Service, NotesAreCountedInTheBackgroundHoweverOftenTheTaskRuns) {
    add("one");
    auto const path = add("two");
    EXPECT_EQ(client.get("/api/topics/1").as<Topic>().notes, std::nullopt);

    EXPECT_EQ(service.run_tasks(), 2U);
    EXPECT_EQ(client.get("/api/topics/1").as<Topic>().notes, 2);

    client.del(path);
    EXPECT_EQ(service.run_tasks(), 1U);
    EXPECT_EQ(client.get("/api/topics/1").as<Topic>().notes, 1);
}

}  // namespace
}  // namespace service
