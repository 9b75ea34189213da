// `brio new`: what names and folders it takes, and what it writes. tests/install builds what it wrote.
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include <sys/resource.h>

#include <brio/base/temporary_folder.hpp>
#include "new_command.hpp"
#include "new_project.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace brio::tool {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

TEST(ProjectName, IsWhatAProgramATargetAndAFileMayBe) {
    for (auto const* good : {"shop", "my-shop", "my_shop2", "s", "a1-b2_c3"}) {
        EXPECT_EQ(name_fault(good), "") << good;
    }
    for (auto const* bad :
         {"", "Shop", "2shop", "-shop", "shop-", "my--shop", "my shop", "a/b", "läden", "a.b", ".."}) {
        EXPECT_THAT(name_fault(bad), HasSubstr("lower-case letters")) << bad;
    }
    EXPECT_EQ(name_fault(std::string(40, 'a')), "");
    EXPECT_THAT(name_fault(std::string(41, 'a')), HasSubstr("41 characters; 40 are the most"));
}

TEST(ProjectName, IsNoTargetThatCMakeOrTheProgramsLibrariesHave) {
    EXPECT_THAT(name_fault("test"), HasSubstr("CMake"));
    for (auto const* library : {"simdjson", "sqlite3", "ssl", "msgpackc", "brio", "m"}) {
        EXPECT_THAT(name_fault(library), HasSubstr("library")) << library;
    }
    EXPECT_EQ(name_fault("sql"), "");
}

TEST(ProjectName, OneThatIsRefusedHasOneNearItThatIsNot) {
    EXPECT_EQ(near_name("My Shop!"), "my-shop");
    EXPECT_EQ(near_name("My__Shop_2"), "my_shop_2");
    EXPECT_EQ(near_name("99 bottles"), "bottles");
    EXPECT_EQ(near_name("test"), "test-service");
    EXPECT_EQ(near_name("日本"), "");
    for (auto const* each : {"My Shop!", "a--b", "brio", "Läden", "-x-"}) {
        EXPECT_EQ(name_fault(near_name(each)), "") << each;
    }
    EXPECT_EQ(name_fault(near_name(std::string(99, 'x') + "-y")), "");
}

TEST(ProjectFiles, AreThoseOfTheTemplateWithTheNameInThem) {
    auto const files = project_files("my-shop");
    std::vector<std::string> paths;
    for (auto const& file : files) {
        paths.push_back(file.path);
        EXPECT_THAT(file.path + file.text, ::testing::Not(HasSubstr("@NAME@"))) << file.path;
        EXPECT_EQ(file.is_executable, file.path == "dev" || file.path == "ci") << file.path;
    }
    EXPECT_THAT(paths, ::testing::Contains("deploy/my-shop.service"));
    auto const main = std::ranges::find(files, "src/main.cpp", &ProjectFile::path);
    ASSERT_NE(main, files.end());
    EXPECT_THAT(main->text, HasSubstr("App(\"my-shop\", migrations)"));
}

TEST(ProjectFiles, NoneOfTheTemplateIsLeftOut) {
    auto const folder = fs::path(std::getenv("BRIO_SOURCE")) / "tools/brio/template";
    std::vector<std::string> there;
    for (auto const& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file()) {
            there.push_back(entry.path().lexically_relative(folder));
        }
    }
    std::vector<std::string> carried;
    for (auto const& file : project_template()) {
        carried.emplace_back(file.path);
    }
    EXPECT_THAT(carried, ::testing::UnorderedElementsAreArray(there));
}

class NewCommand : public ::testing::Test {
protected:
    std::string path(const std::string& name) { return folder.file(name); }
    std::size_t entries(const std::string& name) {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(path(name)), {}));
    }
    std::string refusal(const std::vector<std::string>& arguments, int status = 2) {
        ::testing::internal::CaptureStderr();
        EXPECT_EQ(run_new(arguments), status);
        return ::testing::internal::GetCapturedStderr();
    }
    TemporaryFolder folder;
};

TEST_F(NewCommand, WritesAFolderThatIsNewOrEmptyOrAnEmptyRepository) {
    fs::create_directories(path("empty"));
    fs::create_directories(path("cloned/.git"));
    for (auto const* name : {"shop", "empty", "cloned", "deep/in/shop"}) {
        EXPECT_EQ(run_new({path(name)}), 0) << name;
        EXPECT_TRUE(fs::exists(path(name) + "/src/main.cpp"));
        EXPECT_EQ(fs::status(path(name) + "/dev").permissions() & fs::perms::owner_exec,
                  fs::perms::owner_exec);
    }
    EXPECT_EQ(run_new({path("Ordner 1") + "/", "--name", "shop"}), 0);
    EXPECT_TRUE(fs::exists(path("Ordner 1/deploy/shop.service")));
}

TEST_F(NewCommand, RefusesAFolderThatHoldsSomethingAndLeavesItAsItWas) {
    fs::create_directories(path("shop"));
    std::ofstream(path("shop/notes.txt")) << "mine";
    EXPECT_THAT(refusal({path("shop")}), HasSubstr("is not empty (notes.txt is in it)"));
    EXPECT_EQ(entries("shop"), 1U);
    std::ofstream(path("file")) << "mine";
    EXPECT_THAT(refusal({path("file")}), HasSubstr("is there and no folder"));
}

TEST_F(NewCommand, SaysWhatItTakes) {
    EXPECT_THAT(refusal({}), HasSubstr("brio new shop"));
    EXPECT_THAT(refusal({"My Shop"}), HasSubstr("brio new my-shop"));
    EXPECT_THAT(refusal({path("My Shop")}), HasSubstr("--name my-shop"));
    EXPECT_THAT(refusal({path("shop"), "--name", "test"}), HasSubstr("--name test-service"));
    EXPECT_THAT(refusal({"shop", "--force"}), HasSubstr("there is no option --force"));
    EXPECT_THAT(refusal({"shop", "--name"}), HasSubstr("--name needs a name"));
    EXPECT_THAT(refusal({"a", "b"}), HasSubstr("one folder, not a and b"));
    EXPECT_FALSE(fs::exists("a") || fs::exists("shop"));
}

TEST_F(NewCommand, SaysHowAnInstallationIsFoundThatIsNotOnThePath) {
    fs::create_directories(path("lib/cmake/brio"));
    auto const program = folder.path() / "bin/brio";
    EXPECT_EQ(found_by(program, "/usr/bin:/bin"), "CMAKE_PREFIX_PATH=" + folder.path().string() + " ");
    EXPECT_EQ(found_by(program, "/usr/bin:" + path("bin") + "/:/bin"), "");
    EXPECT_EQ(found_by("/usr/bin/brio", ""), "");
    EXPECT_EQ(found_by(folder.path() / "of/a/build/bin/brio", ""), "") << "it is not installed";
}

TEST_F(NewCommand, LeavesNothingOfWhatItCouldNotWrite) {
    std::ofstream(path("file")) << "mine";
    EXPECT_THAT(refusal({path("file/shop")}, 1), HasSubstr("cannot make the folder"));

    // a disk that is full in the middle
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
    auto const before = std::exchange(limit.rlim_cur, 1500);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
    fs::create_directories(path("empty"));
    EXPECT_THAT(refusal({path("empty")}, 1), HasSubstr("nothing is left of it"));
    EXPECT_THAT(refusal({path("deep/new")}, 1), HasSubstr("File too large"));
    limit.rlim_cur = before;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);

    EXPECT_EQ(entries("empty"), 0U);
    EXPECT_FALSE(fs::exists(path("deep")));
}

}  // namespace
}  // namespace brio::tool
