#include <brio/http/multipart.hpp>
#include <brio/http/multipart_disposition.hpp>

#include <gtest/gtest.h>

#include <vector>

namespace brio::http {
namespace {

struct Form {
    std::vector<MultipartReader::Part> parts;
    std::string fault;
};
// Parts that the reader gave before it stopped: views into `body`.
Form read(std::string_view body, std::string_view boundary = "b", MultipartLimits limits = {}) {
    Form form;
    MultipartReader reader(body, boundary, limits);
    while (auto part = reader.next()) {
        form.parts.push_back(std::move(*part));
    }
    EXPECT_FALSE(reader.next());
    if (reader.rejection()) {
        EXPECT_EQ(reader.rejection()->status, 400);
        form.fault = reader.rejection()->detail;
    }
    return form;
}
std::string part(std::string_view name, std::string_view bytes) {
    return "--b\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"\r\n\r\n" +
           std::string(bytes) + "\r\n";
}
// A body whose one part has this header.
std::string with_header(std::string_view lines) {
    return "--b\r\n" + std::string(lines) + "\r\n\r\nx\r\n--b--\r\n";
}

TEST(Multipart, GivesFieldsAndFilesInOrderAsViewsOfTheBody) {
    const std::string body = part("title", "A b") +
                             "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n"
                             "Content-Type: image/png\r\n\r\n\x89PNG\r\n\x1a\n\r\n--b--\r\n";
    const auto form = read(body);
    ASSERT_EQ(form.parts.size(), 2U);
    EXPECT_EQ(form.parts[0].name, "title");
    EXPECT_EQ(form.parts[0].bytes, "A b");
    EXPECT_FALSE(form.parts[0].filename);
    EXPECT_EQ(form.parts[1].filename, "a.png");
    EXPECT_EQ(form.parts[1].content_type, "image/png");
    EXPECT_EQ(form.parts[1].bytes, "\x89PNG\r\n\x1a\n");
    EXPECT_GE(form.parts[1].bytes.data(), body.data());
    EXPECT_LT(form.parts[1].bytes.data(), body.data() + body.size());
}

TEST(Multipart, BytesMayBeAnythingButTheBoundaryAtALineStart) {
    const std::string bytes = std::string("\0\r\n--\r\n--c\r\n -- b --b\n--b\r--b", 29);
    const auto body = part("x", bytes) + "--b--";
    const auto form = read(body);
    ASSERT_EQ(form.parts.size(), 1U) << form.fault;
    EXPECT_EQ(form.parts[0].bytes, bytes);
}

TEST(Multipart, PreambleEpilogueAndPaddingAreSkipped) {
    const auto form = read(
        "a preamble\r\n--b \t\r\nContent-Disposition: form-data; name=x\r\n\r\n1\r\n--b-- \r\nan epilogue");
    ASSERT_EQ(form.parts.size(), 1U) << form.fault;
    EXPECT_EQ(form.parts[0].bytes, "1");
}

TEST(Multipart, APartMayBeEmptyInBothSpellings) {
    const auto body = part("x", "") + "--b--";
    EXPECT_EQ(read(body).parts.at(0).bytes, "");
    const auto bare = read("--b\r\nContent-Disposition: form-data; name=x\r\n\r\n--b--");
    ASSERT_EQ(bare.parts.size(), 1U) << bare.fault;
    EXPECT_EQ(bare.parts[0].bytes, "");
}

TEST(Multipart, AFormMayHaveNoParts) {
    const auto form = read("--b--\r\n");
    EXPECT_TRUE(form.parts.empty());
    EXPECT_EQ(form.fault, "");
}

TEST(Multipart, EveryTruncationIsAnError) {
    const auto whole = part("x", "1") + part("y", "2") + "--b--";
    EXPECT_EQ(read(whole).fault, "");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_NE(read(std::string_view(whole).substr(0, size)).fault, "") << size;
    }
}

TEST(Multipart, ABoundaryWhoseLineGoesOnIsAnError) {
    EXPECT_NE(read(part("x", "1\r\n--bc") + "--b--").fault, "");
    EXPECT_NE(read(part("x", "1") + "--b--x").fault, "");
    EXPECT_NE(read(part("x", "1") + "--b-\r\n").fault, "");
    EXPECT_NE(read("--b\nContent-Disposition: form-data; name=x\n\n1\n--b--").fault, "");
}

TEST(Multipart, MalformedHeadersAreErrors) {
    constexpr std::string_view good = "Content-Disposition: form-data; name=x";
    EXPECT_EQ(read(with_header(good)).fault, "");
    for (const auto* lines :
         {"Content-Type: text/plain", "Content-Disposition: attachment; name=x",
          "Content-Disposition: form-data", "Content-Disposition: form-data; name=\"\"",
          "Content-Disposition: form-data; name=\"a\x01\"", "Content-Disposition: form-data; name=\"\xff\"",
          "Content-Disposition: form-data; name=x\r\n folded",
          "Content-Disposition: form-data; name=x\r\nContent-Disposition: form-data; name=y",
          "Content-Disposition: form-data; name=x\r\nContent-Type: a/b\r\nContent-Type: a/b",
          "Content-Disposition: form-data; name=x\r\nContent-Transfer-Encoding: base64",
          "Content-Disposition : form-data; name=x", "Content-Disposition: form-data; name=x\r\nno colon",
          "Content-Disposition: form-data; name=x\r\n: empty"}) {
        EXPECT_NE(read(with_header(lines)).fault, "") << lines;
    }
}

TEST(Multipart, AnEncodingThatChangesNothingIsAccepted) {
    EXPECT_EQ(
        read(with_header("Content-Disposition: form-data; name=x\r\nContent-Transfer-Encoding: 8BIT")).fault,
        "");
}

TEST(Multipart, LimitsOfPartsHeadersAndNamesHoldExactly) {
    const auto two = part("x", "1") + part("y", "2") + "--b--";
    EXPECT_EQ(read(two, "b", {.parts = 2}).fault, "");
    EXPECT_EQ(read(two, "b", {.parts = 1}).fault, "the form has more parts than the limit");
    const auto named = part("xyz", "1") + "--b--";
    EXPECT_EQ(read(named, "b", {.name_bytes = 3}).fault, "");
    EXPECT_NE(read(named, "b", {.name_bytes = 2}).fault, "");
    const auto header = std::string_view("Content-Disposition: form-data; name=\"xyz\"\r\n\r\n").size();
    EXPECT_EQ(read(named, "b", {.header_bytes = header}).fault, "");
    EXPECT_NE(read(named, "b", {.header_bytes = header - 1}).fault, "");
}

TEST(Multipart, BoundariesAreOfTheRfcsCharacters) {
    EXPECT_TRUE(is_valid_boundary("----WebKitFormBoundary7MA4YWxkTrZu0gW"));
    EXPECT_TRUE(is_valid_boundary("a b'()+_,-./:=?"));
    EXPECT_TRUE(is_valid_boundary(std::string(70, 'x')));
    EXPECT_FALSE(is_valid_boundary(std::string(71, 'x')));
    EXPECT_FALSE(is_valid_boundary(""));
    EXPECT_FALSE(is_valid_boundary("a "));
    EXPECT_FALSE(is_valid_boundary("a\r\nb"));
    EXPECT_FALSE(is_valid_boundary("a\"b"));
}

std::optional<std::string> filename_of(std::string_view parameters) {
    const auto parsed = parse_form_disposition("form-data; name=x; " + std::string(parameters));
    return parsed ? parsed->filename : std::nullopt;
}

TEST(FormDisposition, UndoesTheEscapesOfBrowsersAndOfCurl) {
    EXPECT_EQ(filename_of(R"(filename="a%22b%0D%0a.txt")"), "a\"b\r\n.txt");
    EXPECT_EQ(filename_of(R"(filename="a\"b\\c.txt")"), R"(a"b\c.txt)");
    EXPECT_EQ(filename_of(R"(filename="C:\new\100%.txt")"), R"(C:\new\100%.txt)");
    EXPECT_EQ(filename_of(R"(filename="a;b=c")"), "a;b=c");
}

TEST(FormDisposition, ReadsAnExtendedNameWhereThereIsNoOther) {
    EXPECT_EQ(filename_of("filename*=UTF-8''na%C3%AFve.txt"), "na\u00EFve.txt");
    EXPECT_EQ(filename_of("filename*=utf-8'en'a; filename=\"b\""), "b");
    EXPECT_FALSE(filename_of("filename*=UTF-8''%ff"));
    EXPECT_FALSE(filename_of("filename*=iso-8859-1''a"));
}

TEST(FormDisposition, RefusesParametersGivenTwiceAndBadSyntax) {
    for (const auto* text : {"form-data; name=a; name=b", "form-data; name=a; NAME=b",
                             "form-data; name=a; filename=b; filename=c", "form-data; name=\"a",
                             "form-data; name", "form-data; name=", "form-data; name=\"a\"b",
                             "form-data name=a", "form-data; name =a", "", ";name=a"}) {
        EXPECT_FALSE(parse_form_disposition(text)) << text;
    }
    EXPECT_TRUE(parse_form_disposition("Form-Data ; Name=a ;size=7;"));
}

}  // namespace
}  // namespace brio::http
