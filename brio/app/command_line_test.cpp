#include <brio/app/command_line.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <brio/app/doctor.hpp>
#include <brio/app/listing.hpp>
#include <brio/app/page.hpp>
#include <brio/app/progress.hpp>

namespace brio::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

ParsedCommandLine parse(std::vector<const char*> words) {
    words.insert(words.begin(), "shop");
    return parse_command_line(words, {.program = "shop",
                                      .version = "1.0",
                                      .has_database = true,
                                      .has_seed = true,
                                      .has_load = true,
                                      .own = {{"import", "takes goods in"}}});
}

TEST(CommandLine, OptionsOfServeAreSettings) {
    auto const parsed = parse({"serve", "--port", "9090", "--host=0.0.0.0", "--workers", "0"});
    ASSERT_TRUE(parsed.command);
    EXPECT_EQ(parsed.command->verb, Verb::serve);
    EXPECT_THAT(parsed.command->settings, ::testing::UnorderedElementsAre(NamedText{"BRIO_PORT", "9090"},
                                                                          NamedText{"BRIO_HOST", "0.0.0.0"},
                                                                          NamedText{"BRIO_WORKERS", "0"}));
}

TEST(CommandLine, CommandsThatAskARunningProgramTakeItsAdminPort) {
    for (auto const& words :
         std::vector<std::vector<const char*>>{{"goals"}, {"profile"}, {"review"}, {"cache", "clear"}}) {
        auto asking = words;
        asking.insert(asking.end(), {"--admin-port", "8001"});
        auto const parsed = parse(asking);
        ASSERT_TRUE(parsed.command) << parsed.text;
        EXPECT_THAT(parsed.command->settings, ElementsAre(NamedText{"BRIO_ADMIN_PORT", "8001"}));
    }
}

TEST(CommandLine, AReviewIsOfADayAndOfTheFormatOfItsFile) {
    auto const plain = parse({"review"});
    ASSERT_TRUE(plain.command);
    EXPECT_EQ(plain.command->review.since, "24h");
    EXPECT_EQ(plain.command->review.format, "");
    auto const asked = parse({"review", "--since", "7d", "--format", "json", "--output", "week.json"});
    ASSERT_TRUE(asked.command) << asked.text;
    EXPECT_EQ(asked.command->review.since, "7d");
    EXPECT_EQ(asked.command->review.format, "json");
    EXPECT_EQ(asked.command->review.file, "week.json");
    EXPECT_EQ(parse({"review", "--format", "pdf"}).status, 2);
}

TEST(CommandLine, AnEmptyTagIsAnotherThingThanNone) {
    EXPECT_EQ(parse({"cache", "clear", "--tag", ""}).command->tag, "");
    EXPECT_EQ(parse({"cache", "clear"}).command->tag, std::nullopt);
}

TEST(CommandLine, BenchTakesRequestsAndSettingsToCompareWith) {
    auto const parsed = parse({"bench", "GET /a", "--against-env", "A=1", "POST /b {}", "--against-env",
                               "B=2", "--counts", "--rows", "7"});
    ASSERT_TRUE(parsed.command) << parsed.text;
    auto const& words = parsed.command->bench;
    EXPECT_EQ(parsed.command->verb, Verb::bench);
    EXPECT_THAT(words.requests, ElementsAre("GET /a", "POST /b {}"));
    EXPECT_THAT(words.against_env, ElementsAre("A=1", "B=2"));
    EXPECT_TRUE(words.counts_only);
    EXPECT_EQ(words.rows, 7U);
    EXPECT_EQ(parse({"bench", "--rounds", "2"}).status, 2) << "too few to compare";
    EXPECT_EQ(parse({"bench", "--rows", "2", "--database", "sqlite:///a"}).status, 2)
        << "which is not seeded";
}

TEST(CommandLine, DowngradeTakesAStepBack) {
    auto const parsed = parse({"migrate", "downgrade", "-1"});
    ASSERT_TRUE(parsed.command) << parsed.text;
    EXPECT_EQ(parsed.command->verb, Verb::migrate_downgrade);
    EXPECT_EQ(parsed.command->revision, "-1");
}

TEST(CommandLine, UpgradeNeedsNoRevision) {
    auto const parsed = parse({"migrate", "upgrade", "--quiet"});
    ASSERT_TRUE(parsed.command) << parsed.text;
    EXPECT_EQ(parsed.command->revision, "");
    EXPECT_TRUE(parsed.command->quiet);
}

TEST(CommandLine, MigrateNewTakesTheWordsAndWhereTheyGo) {
    auto const parsed = parse({"migrate", "new", "more notes", "--into", "m.cpp", "--auto"});
    ASSERT_TRUE(parsed.command);
    EXPECT_EQ(parsed.command->verb, Verb::migrate_new);
    EXPECT_EQ(parsed.command->revision, "more notes");
    EXPECT_EQ(parsed.command->into, "m.cpp");
    EXPECT_TRUE(parsed.command->is_automatic);
    EXPECT_EQ(parse({"migrate", "new"}).status, 2);
    EXPECT_EQ(parse({"migrate", "check"}).command->verb, Verb::migrate_check);
}

TEST(CommandLine, SeedTakesACountOrASource) {
    EXPECT_EQ(parse({"seed", "--count", "30"}).command->count, 30U);
    EXPECT_EQ(parse({"seed", "--from", "debian"}).command->from, "debian");
}

TEST(CommandLine, AnOwnCommandGetsItsWordsAsTheyAre) {
    auto const parsed = parse({"import", "--fast", "a b", "-x"});
    ASSERT_TRUE(parsed.command) << parsed.text;
    EXPECT_EQ(parsed.command->own_name, "import");
    EXPECT_THAT(parsed.command->arguments, ElementsAre("--fast", "a b", "-x"));
}

TEST(CommandLine, AnOwnCommandMayBeCalledAsTheOneForShells) {
    std::vector<const char*> const words{"shop", "manual", "--all"};
    auto const parsed =
        parse_command_line(words, {.program = "shop", .version = "1.0", .own = {{"manual", "how to sell"}}});
    ASSERT_TRUE(parsed.command) << parsed.text;
    EXPECT_EQ(parsed.command->verb, Verb::own);
}

TEST(CommandLine, WhatFollowsLoadIsReadByTheLoadTest) {
    auto const parsed = parse({"load", "--users", "5", "--help"});
    ASSERT_TRUE(parsed.command) << parsed.text;
    EXPECT_EQ(parsed.command->verb, Verb::load);
    EXPECT_EQ(parsed.command->arguments, (std::vector<std::string>{"--users", "5", "--help"}));
}

TEST(CommandLine, AnUnknownCommandIsAnsweredWithTheNearest) {
    auto const parsed = parse({"sevre"});
    EXPECT_EQ(parsed.status, 2);
    EXPECT_EQ(parsed.text, "shop: there is no command sevre; did you mean serve?\n");
}

TEST(CommandLine, AnUnknownOptionIsNamed) {
    auto const parsed = parse({"serve", "--colour", "red"});
    EXPECT_EQ(parsed.status, 2);
    EXPECT_THAT(parsed.text, HasSubstr("--colour"));
    EXPECT_THAT(parsed.text, HasSubstr("shop serve --help"));
}

TEST(CommandLine, NothingIsAnsweredWithTheHelp) {
    auto const parsed = parse({});
    EXPECT_EQ(parsed.status, 2);
    EXPECT_THAT(parsed.text, HasSubstr("migrate"));
}

TEST(CommandLine, HelpFitsAScreen) {
    auto const parsed = parse({"--help"});
    EXPECT_EQ(parsed.status, 0);
    EXPECT_LE(std::ranges::count(parsed.text, '\n'), 24);
}

TEST(CommandLine, VersionNamesTheProgram) { EXPECT_EQ(parse({"--version"}).text, "shop 1.0\n"); }

TEST(Listing, UrlsAreThoseThatAClientCanReach) {
    EXPECT_EQ(url_of("0.0.0.0", 80), "http://127.0.0.1:80");
    EXPECT_EQ(url_of("::1", 81), "http://[::1]:81");
    EXPECT_EQ(url_of("10.0.0.7", 82), "http://10.0.0.7:82");
}

TEST(Page, TextCannotBecomeMarkup) {
    auto const html =
        write_page({.title = "<b>", .introduction = "\"&'", .links = {{"/x\" onclick=\"", "l", "w"}}});
    EXPECT_THAT(html, HasSubstr("<h1>&lt;b&gt;</h1>"));
    EXPECT_THAT(html, HasSubstr("&quot;&amp;&#39;"));
    EXPECT_THAT(html, HasSubstr("href=\"/x&quot; onclick=&quot;\""));
}

TEST(Progress, SaysHowFarAndOfHowMany) {
    EXPECT_EQ(progress_text(12'000, 63'666), "12,000 of 63,666 (18 %)");
    EXPECT_EQ(progress_text(1'234'567, 0), "1,234,567");
    EXPECT_EQ(progress_text(999, 999), "999 of 999 (100 %)");
}

TEST(Doctor, TooFewDescriptorsAreNoted) {
    EXPECT_EQ(judge_descriptors(20'000, 16'384).verdict, Finding::Verdict::well);
    auto const found = judge_descriptors(1024, 16'384);
    EXPECT_EQ(found.verdict, Finding::Verdict::note);
    EXPECT_THAT(found.words, HasSubstr("ulimit -n"));
}

TEST(Doctor, WhatIsWrongWithADatabaseSaysWhatToDo) {
    db::SqliteInspection const sound{.journal_mode = "wal", .file_bytes = 1 << 20};
    for (auto const& finding : judge_database(sound, "x.db")) {
        EXPECT_EQ(finding.verdict, Finding::Verdict::well) << finding.words;
    }
    auto damaged = sound;
    damaged.damage = {"row 3 missing from index idx"};
    EXPECT_THAT(findings_text(judge_database(damaged, "x.db")), HasSubstr("restore it from a backup"));
    auto orphaned = sound;
    orphaned.orphan_count = 1234;
    orphaned.orphans = {"a 1 refers to a row of b that is not there"};
    EXPECT_THAT(findings_text(judge_database(orphaned, "x.db")),
                HasSubstr("1,234 rows refer to none, as a 1"));
    auto held = sound;
    held.wal_bytes = std::uint64_t{300} << 20;
    EXPECT_THAT(findings_text(judge_database(held, "x.db")),
                HasSubstr("300 MiB of write-ahead log: a reader"));
    auto without_log = sound;
    without_log.journal_mode = "delete";
    EXPECT_THAT(findings_text(judge_database(without_log, "x.db")), HasSubstr("use a local one"));
}

TEST(Doctor, AFullDiskIsWrongAndAFillingOneANote) {
    EXPECT_EQ(judge_disk(std::uint64_t{50} << 20, "/x").verdict, Finding::Verdict::wrong);
    EXPECT_EQ(judge_disk(std::uint64_t{500} << 20, "/x").verdict, Finding::Verdict::note);
    EXPECT_EQ(judge_disk(std::uint64_t{5} << 30, "/x").verdict, Finding::Verdict::well);
}

}  // namespace
}  // namespace brio::app
