#include <brio/app/program_file.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <brio/base/temporary_folder.hpp>

namespace brio::app {
namespace {

namespace fs = std::filesystem;

// The working directory and the environment are as before at its end.
class ProgramFile : public testing::Test {
protected:
    ProgramFile() { put("releases/1/shop", "one"); }
    ~ProgramFile() override {
        fs::current_path(before_);
        ::setenv("PATH", path_before_.c_str(), 1);
        ::setenv("PWD", before_.c_str(), 1);
    }

    std::string at(const std::string& name) const { return folder_.file(name); }
    void put(const std::string& name, std::string_view text) const {
        fs::create_directories(fs::path(at(name)).parent_path());
        std::ofstream(at(name)) << text;
    }
    void link(const std::string& name, const std::string& target) const {
        fs::remove(at(name));
        fs::create_symlink(target, at(name));
    }
    FileIdentity running() const { return *identity_of(at("releases/1/shop")); }
    void enter(const std::string& name) const {
        fs::current_path(at(name));
        ::setenv("PWD", at(name).c_str(), 1);
    }

private:
    TemporaryFolder folder_;
    std::string before_ = fs::current_path();
    std::string path_before_ = std::getenv("PATH");
};

TEST_F(ProgramFile, AnAbsoluteNameStaysAsItIsLinksIncluded) {
    link("current", "releases/1");
    EXPECT_EQ(path_of(at("current/shop"), running()), at("current/shop"));
}

TEST_F(ProgramFile, ARelativeNameIsOfTheDirectoryAsTheShellNamesIt) {
    link("current", "releases/1");
    enter("current");
    EXPECT_EQ(path_of("./shop", running()), at("current/./shop"));
}

TEST_F(ProgramFile, APwdThatIsAnotherDirectoryIsNotBelieved) {
    enter("releases/1");
    ::setenv("PWD", "/", 1);
    EXPECT_EQ(path_of("./shop", running()), fs::canonical(at("releases/1")).string() + "/./shop");
}

TEST_F(ProgramFile, ANameWithoutASlashIsLookedForInPath) {
    put("other/shop", "another program of the name");
    ::setenv("PATH", ("/nowhere:" + at("other") + ":" + at("releases/1")).c_str(), 1);
    EXPECT_EQ(path_of("shop", running()), at("releases/1/shop"));
    EXPECT_EQ(path_of("shopping", running()), std::nullopt);
}

TEST_F(ProgramFile, AnEmptyPlaceInPathIsTheWorkingDirectory) {
    enter("releases/1");
    ::setenv("PATH", "/nowhere:", 1);
    EXPECT_EQ(path_of("shop", running()), at("releases/1/shop"));
}

TEST_F(ProgramFile, ANameThatLiesIsNotFollowed) {
    EXPECT_EQ(path_of("/bin/true", running()), std::nullopt);
    EXPECT_EQ(path_of("", running()), std::nullopt);
}

TEST_F(ProgramFile, OfThisProcessItFindsTheTestItself) {
    EXPECT_EQ(identity_of(path_of_program("/bin/true")), identity_of_running());
    EXPECT_EQ(identity_of(path_of_program("")), identity_of_running());
}

TEST_F(ProgramFile, AFileWrittenAnewIsAnother) {
    auto const before = running();
    put("releases/1/shop", "another one");
    EXPECT_NE(running(), before);
    EXPECT_EQ(identity_of(at("nothing")), std::nullopt);
}

}  // namespace
}  // namespace brio::app
