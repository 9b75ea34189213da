// The program itself: started on free ports with a folder and a database of its own.
#include <brio/testing/server_process.hpp>

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

TEST(Program, AnswersItsLoadUsersAndDrains) {
    std::string const program = std::getenv("PROGRAM");  // CMakeLists.txt says it
    brio::testing::ServerProcess running(
        {.program = program,
         .environment = {{"DATABASE_URL", "sqlite:///test.db"}},
         .before = {{"migrate", "upgrade"}, {"migrate", "check"}, {"seed", "--count", "50"}}});

    std::vector<std::string> const load{program, "load",   "--users",        "20",     "--for",
                                        "1s",    "--goal", "error_rate<=0%", "--goal", "checks>=100%"};
    auto const loaded =
        brio::testing::run_program(running.folder(), load,
                                   {{"BRIO_PORT", std::to_string(running.port())},
                                    {"BRIO_ADMIN_PORT", std::to_string(running.admin_port())}});
    running.signal(SIGTERM);

    EXPECT_EQ(loaded.status, 0) << loaded.output;
    EXPECT_EQ(running.wait(), 0) << running.output();
}

}  // namespace
