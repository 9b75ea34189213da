#include <brio/tasks/last_words.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <brio/base/temporary_folder.hpp>

namespace brio::tasks {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

/// What a process has left in `folder` that was ended in `die`; its stderr is not shown.
template <class Die>
std::vector<Farewell> farewells_of(const std::string& folder, Die die) {
    const auto pid = ::fork();
    if (pid == 0) {
        ::close(STDERR_FILENO);
        RunningNotes notes(8);
        const LastWords words(notes, folder);
        die(notes, words);
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    return read_farewells(folder);
}

TEST(LastWords, AProcessThatAbortsTellsOfItsThreadsTasksAndWhereItWas) {
    const TemporaryFolder folder;
    const auto all = farewells_of(folder.file("f"), [](RunningNotes& notes, const LastWords&) {
        std::thread([&] { notes.add("other", "shop.count", 3); }).join();
        notes.add("7", "shop.send mail", 12);
        std::abort();
    });
    ASSERT_EQ(all.size(), 1U);
    EXPECT_THAT(all.front().tasks, ElementsAre(Held{.id = "7", .fence = 12}));
    EXPECT_THAT(all.front().words, StartsWith("its worker died by SIGABRT, with 1 other task\n"));
    EXPECT_THAT(all.front().words, HasSubstr("abort"));
    forget(all.front());
    EXPECT_FALSE(std::filesystem::exists(folder.file("f")));
}

TEST(LastWords, AThreadWithoutTasksTellsOfAll) {
    const TemporaryFolder folder;
    const auto all = farewells_of(folder.path().string(), [](RunningNotes& notes, const LastWords&) {
        const auto gone = notes.add("gone", "shop.count", 1);
        notes.add("a", "shop.count", 2);
        notes.add("b", "shop.count", 3);
        notes.remove(*gone);
        std::thread([] { ::raise(SIGSEGV); }).join();
    });
    ASSERT_EQ(all.size(), 1U);
    EXPECT_THAT(all.front().tasks,
                ::testing::UnorderedElementsAre(Held{.id = "a", .fence = 2}, Held{.id = "b", .fence = 3}));
    EXPECT_THAT(all.front().words, StartsWith("its worker died by SIGSEGV, with 1 other task"));
}

TEST(LastWords, OneThatIsEndedForATaskSaysWhy) {
    const TemporaryFolder folder;
    const auto all = farewells_of(folder.path().string(), [](RunningNotes& notes, const LastWords& words) {
        notes.add("a", "shop.count", 2);
        notes.add("b", "shop.count", 3);
        words.say_of("b", "was ended: it did not stop");
    });
    ASSERT_EQ(all.size(), 1U);
    EXPECT_THAT(all.front().tasks, ElementsAre(Held{.id = "b", .fence = 3}));
    EXPECT_EQ(all.front().words, "its worker was ended: it did not stop, with 1 other task");
}

TEST(LastWords, OneThatEndsWellLeavesNothing) {
    const TemporaryFolder folder;
    EXPECT_THAT(farewells_of(folder.path().string(), [](RunningNotes&, const LastWords&) {}), IsEmpty());
}

TEST(LastWords, AFolderThatOthersCanWriteIntoIsNotRead) {
    const TemporaryFolder folder;
    std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
    EXPECT_THAT(farewells_of(folder.path().string(), [](RunningNotes&, const LastWords&) { std::abort(); }),
                IsEmpty());
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(LastWords, WhatIsNoFarewellIsNone) {
    EXPECT_FALSE(parse_farewell("", 0));
    EXPECT_FALSE(parse_farewell("something else\nhere 1 2 3\n", 0));
    const auto odd =
        parse_farewell("brio last words: died by SIGBUS\nhere\nhere x\nbeside 18446744073709551616 a b\n", 0);
    ASSERT_TRUE(odd);
}

TEST(RunningNotes, AreBounded) {
    RunningNotes notes(1);
    EXPECT_EQ(notes.add("with space", "a", 1), std::nullopt);
    EXPECT_EQ(notes.add(std::string(500, 'x'), "a", 1), std::nullopt);
    const auto first = notes.add("a", std::string(500, 'n'), 1);
    ASSERT_TRUE(first);
    EXPECT_EQ(notes.add("b", "n", 1), std::nullopt);
    notes.remove(*first);
    EXPECT_TRUE(notes.add("b", "n", 1));
}

}  // namespace
}  // namespace brio::tasks
