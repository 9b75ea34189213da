// The guide's chapter on tests: it is itself one.
#include <gtest/gtest.h>

#include <csignal>

#include <brio/testing/connection.hpp>
#include <brio/testing/server_process.hpp>
#include <brio/testing/service.hpp>
#include <brio/testing/statements.hpp>

#include "notes.hpp"

namespace {

// [service]
using brio::testing::TestService;

struct NewNote {
    std::string words;
};

TEST(Notes, ANewNoteIsFoundWhereItsLocationSays) {
    TestService service(notes::migrations, notes::routes);

    auto const made = service.client().post("/api/notes", NewNote{"buy milk"});

    ASSERT_EQ(made.status, 201);
    auto const found = service.client().get(made.header("Location"));
    EXPECT_EQ(found.as<notes::Note>().words, "buy milk");
    EXPECT_EQ(service.client().statements(), 1U);
}

TEST(Notes, AnEmptyNoteIsRefusedAndNothingIsStored) {
    TestService service(notes::migrations, notes::routes);

    auto const refused = service.client().post("/api/notes", NewNote{""});

    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(refused.problem_code(), "invalid");
    EXPECT_EQ(service.run(service.db().select(notes::notes).count()), 0U);
}
// [/service]

// [queries]
TEST(Notes, APageOfAHundredIsOneStatementAndOneForItsTotal) {
    TestService service(notes::migrations, notes::routes);
    for (int i = 0; i < 100; ++i) {
        service.client().post("/api/notes", NewNote{"buy milk"});
    }

    auto const page = service.client().get("/api/notes?page_size=100");

    brio::testing::expect_queries(page, 2);
}
// [/queries]

// [process]
TEST(NotesProgram, DrainsAndEndsWellOnSigterm) {
    brio::testing::ServerProcess program({.program = std::string(std::getenv("BRIO_BIN")) + "/guide_notes",
                                          .environment = {{"DATABASE_URL", "sqlite:///notes.db"}},
                                          .before = {{"migrate", "upgrade"}, {"seed", "--count", "3"}}});
    brio::testing::Connection connection(program.port());

    auto const page = connection.get("/api/notes");
    program.signal(SIGTERM);

    EXPECT_EQ(page.status, 200);
    EXPECT_NE(page.body.find("\"total\":3"), std::string::npos);
    EXPECT_EQ(program.wait(), 0);
}
// [/process]

}  // namespace
