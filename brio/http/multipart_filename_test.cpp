#include <brio/http/multipart_filename.hpp>

#include <gtest/gtest.h>

#include <brio/reflect/utf8.hpp>

namespace brio::http {
namespace {

TEST(SanitisedFilename, KeepsOrdinaryNames) {
    for (const auto* name :
         {"report.pdf", "na\u00EFve \u6587.txt", "a.tar.gz", "no_extension", "a-b (1).png"}) {
        EXPECT_EQ(sanitised_filename(name), name);
    }
}

TEST(SanitisedFilename, IsTheLastComponentOfAnyPath) {
    EXPECT_EQ(sanitised_filename("../../etc/passwd"), "passwd");
    EXPECT_EQ(sanitised_filename("C:\\Users\\ada\\a.txt"), "a.txt");
    EXPECT_EQ(sanitised_filename("/a\\../b.txt"), "b.txt");
}

TEST(SanitisedFilename, IsNeverEmptyNorADirectory) {
    for (const auto* name : {"", ".", "..", "...", "a/", "/", "\\", " . ", "../"}) {
        EXPECT_EQ(sanitised_filename(name), "upload") << name;
    }
}

TEST(SanitisedFilename, DropsLeadingAndTrailingDotsAndBlanks) {
    EXPECT_EQ(sanitised_filename(".htaccess"), "htaccess");
    EXPECT_EQ(sanitised_filename(" a.txt. . "), "a.txt");
}

TEST(SanitisedFilename, ReplacesControlsAndWhatFileSystemsRefuse) {
    EXPECT_EQ(sanitised_filename("a\r\nb\tc\x7f.txt"), "a__b_c_.txt");
    EXPECT_EQ(sanitised_filename(std::string_view("a\0.php", 6)), "a_.php");
    EXPECT_EQ(sanitised_filename("a<b>c:d\"e|f?g*h"), "a_b_c_d_e_f_g_h");
    EXPECT_EQ(sanitised_filename("a\u0085b"), "a_b");
}

TEST(SanitisedFilename, ReplacesWhatTurnsTheDirectionOfText) {
    EXPECT_EQ(sanitised_filename("photo\u202Egpj.exe"), "photo_gpj.exe");
    EXPECT_EQ(sanitised_filename("a\u2066b\u2069c\u2070"), "a_b_c\u2070");
}

TEST(SanitisedFilename, IsWellFormedUtf8) { EXPECT_EQ(sanitised_filename("a\xff.txt"), "a\uFFFD.txt"); }

TEST(SanitisedFilename, NamesNoDevice) {
    EXPECT_EQ(sanitised_filename("CON"), "_CON");
    EXPECT_EQ(sanitised_filename("nul.txt"), "_nul.txt");
    EXPECT_EQ(sanitised_filename("com7.tar.gz"), "_com7.tar.gz");
    EXPECT_EQ(sanitised_filename("console.txt"), "console.txt");
}

TEST(SanitisedFilename, IsCutBeforeItsExtensionBetweenCharacters) {
    const auto cut = sanitised_filename(std::string(300, 'a') + ".jpeg");
    EXPECT_EQ(cut, std::string(250, 'a') + ".jpeg");
    std::string wide;
    for (int i = 0; i < 200; ++i) {
        wide += "\u00E9";
    }
    const auto cut_wide = sanitised_filename(wide + ".txt");
    EXPECT_EQ(cut_wide.size(), 254U);
    EXPECT_TRUE(reflect::is_utf8(cut_wide));
    EXPECT_EQ(sanitised_filename("a." + std::string(300, 'b')).size(), most_filename_bytes);
}

}  // namespace
}  // namespace brio::http
