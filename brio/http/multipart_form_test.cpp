#include <brio/http/multipart_form.hpp>
#include <brio/http/wire_harness.hpp>

#include <gtest/gtest.h>

namespace brio::http {
namespace {

using test::body_of;
using test::status_of;
using test::Wire;

enum class Size : std::uint8_t { small, large };
struct NewPicture {
    Text<10, 1> title;
    std::optional<std::int32_t> width;
    Size size = Size::small;
    bool is_public = false;
    Upload picture;
    std::vector<Upload> more;
};
struct Login {
    Text<20, 1> user;
    std::optional<std::int32_t> days;
    std::vector<std::string> roles;
};
struct Told {
    std::string title, filename, content_type, bytes;
    std::int32_t width, more;
    Size size;
    bool is_public;
};
struct Sent {
    std::vector<std::string> fields;
    std::vector<std::string> files;
};

Told store(Form<NewPicture> form) {
    return {form->title.str(),
            form->picture.filename,
            form->picture.content_type,
            std::string(form->picture.bytes),
            form->width.value_or(-1),
            static_cast<std::int32_t>(form->more.size()),
            form->size,
            form->is_public};
}
Async<Login> log_in(Form<Login> form) { co_return *form; }
Sent list(Multipart form) {
    Sent sent;
    for (const auto& field : form.fields) {
        sent.fields.push_back(field.name + "=" + std::string(field.value));
    }
    for (const auto& file : form.files) {
        sent.files.push_back(file.name + "=" + file.filename + ":" + std::string(file.bytes));
    }
    sent.fields.push_back(form.field("none") ? "there" : "absent");
    sent.files.push_back(form.file("f") != nullptr ? "there" : "absent");
    return sent;
}

void routes(Router& router) {
    router.post<"/pictures">(store);
    router.post<"/login">(log_in);
    router.post<"/any">(list);
}

constexpr std::string_view multipart_type = "multipart/form-data; boundary=\"b\"";
constexpr std::string_view urlencoded_type = "application/x-www-form-urlencoded";

std::string field(std::string_view name, std::string_view value) {
    return "--b\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"\r\n\r\n" +
           std::string(value) + "\r\n";
}
std::string file(std::string_view name, std::string_view filename, std::string_view bytes) {
    return "--b\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"; filename=\"" +
           std::string(filename) + "\"\r\nContent-Type: image/png\r\n\r\n" + std::string(bytes) + "\r\n";
}
std::string post(std::string_view path, std::string_view type, std::string_view body,
                 std::string_view more = "") {
    Wire wire(routes);
    return wire.ask("POST " + std::string(path) + " HTTP/1.1\r\nHost: a\r\nContent-Type: " +
                    std::string(type) + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
                    std::string(more) + "\r\n" + std::string(body));
}
std::string post_parts(std::string_view path, std::string_view parts) {
    return post(path, multipart_type, std::string(parts) + "--b--\r\n");
}
bool has(std::string_view answer, std::string_view text) {
    return answer.find(text) != std::string_view::npos;
}

TEST(Form, FieldsAndFilesBecomeAStruct) {
    const auto answer =
        post_parts("/pictures", field("title", "Sea") + field("width", "640") + field("size", "large") +
                                    field("is_public", "on") + file("picture", "../sea.png", "PNG\r\n") +
                                    file("more", "1", "a") + file("more", "2", "b"));
    EXPECT_EQ(status_of(answer), 200) << answer;
    EXPECT_EQ(body_of(answer),
              R"({"title":"Sea","filename":"sea.png","content_type":"image/png","bytes":"PNG\r\n",)"
              R"("width":640,"more":2,"size":"large","is_public":true})");
}

TEST(Form, WhatABrowserLeavesBlankIsNothing) {
    const auto answer = post_parts("/pictures", field("title", "Sea") + field("width", "") +
                                                    file("picture", "a", "x") + file("more", "", ""));
    EXPECT_EQ(status_of(answer), 200) << answer;
    EXPECT_TRUE(has(answer, R"("width":-1,"more":0,"size":"small","is_public":false)"));
}

TEST(Form, EveryBadFieldIsListed) {
    const auto answer = post_parts("/pictures", field("title", "") + field("width", "wide") +
                                                    field("size", "huge") + field("picture", "no file") +
                                                    file("is_public", "a", "b") + field("nonsense", "1"));
    EXPECT_EQ(status_of(answer), 422);
    for (const auto* error : {R"("name":"title","message":"must have 1 to 10 characters")",
                              R"("name":"width","message":"must be an integer)",
                              R"("name":"size","message":"must be one of small, large")",
                              R"("name":"picture","message":"must be a file")",
                              R"("name":"is_public","message":"must be a text, not a file")",
                              R"("name":"nonsense","message":"is not a field of this form")"}) {
        EXPECT_TRUE(has(answer, std::string(R"({"in":"body",)") + error)) << error << "\n" << answer;
    }
}

TEST(Form, MissingAndRepeatedFieldsAreErrors) {
    const auto answer =
        post_parts("/pictures", field("width", "1") + field("width", "2") + file("picture", "", ""));
    EXPECT_EQ(status_of(answer), 422);
    EXPECT_TRUE(has(answer, R"("name":"width","message":"is given twice")"));
    EXPECT_TRUE(has(answer, R"("name":"title","message":"is required")"));
    EXPECT_TRUE(has(answer, R"("name":"picture","message":"is required")"));
    EXPECT_FALSE(has(answer, R"("name":"more")"));
}

TEST(Form, AnUrlencodedBodyIsReadLikeAQuery) {
    const auto answer = post("/login", urlencoded_type, "user=Ada+L%C3%B6we&days=&roles=a&roles=b%26c");
    EXPECT_EQ(status_of(answer), 200) << answer;
    EXPECT_EQ(body_of(answer), "{\"user\":\"Ada L\u00F6we\",\"days\":null,\"roles\":[\"a\",\"b&c\"]}");
}

TEST(Form, AFormWithoutFilesIsReadFromBothTypes) {
    EXPECT_EQ(status_of(post_parts("/login", field("user", "Ada"))), 200);
    EXPECT_EQ(status_of(post("/login", urlencoded_type, "")), 422);
}

TEST(Form, TextMustBeUtf8) {
    const auto answer = post("/login", urlencoded_type, "user=%ff");
    EXPECT_EQ(status_of(answer), 422);
}

TEST(Form, MalformedBodiesAre400) {
    EXPECT_EQ(status_of(post("/login", urlencoded_type, "user=%zz")), 400);
    EXPECT_EQ(status_of(post("/pictures", multipart_type, field("title", "x"))), 400);
    EXPECT_EQ(status_of(post("/pictures", "multipart/form-data", field("title", "x") + "--b--")), 400);
    EXPECT_EQ(status_of(post("/any", multipart_type, "")), 400);
    std::string many;
    for (int i = 0; i < 129; ++i) {
        many += "roles=a&";
    }
    EXPECT_EQ(status_of(post("/login", urlencoded_type, many)), 400);
}

TEST(Form, OtherContentTypesAre415) {
    EXPECT_EQ(status_of(post("/login", "application/json", "{}")), 415);
    EXPECT_EQ(status_of(post("/login", "nonsense", "user=a")), 415);
    EXPECT_EQ(status_of(post("/pictures", urlencoded_type, "title=a")), 415);
    EXPECT_EQ(status_of(post("/any", urlencoded_type, "title=a")), 415);
    EXPECT_EQ(status_of(post("/login", urlencoded_type, "user=a", "Content-Encoding: gzip\r\n")), 415);
}

TEST(Multipart, ListsEveryPartOfAnUnknownForm) {
    const auto answer =
        post_parts("/any", field("a", "1") + file("f", "x.txt", "X") + field("a", "2") + file("g", "", ""));
    EXPECT_EQ(status_of(answer), 200) << answer;
    EXPECT_EQ(body_of(answer), R"({"fields":["a=1","a=2","absent"],"files":["f=x.txt:X","there"]})");
}

TEST(FormSchema, DescribesFilesAsBinary) {
    json::SchemaSet components;
    OperationSchema operation(components);
    Provide<Form<NewPicture>>::describe(operation);
    ASSERT_EQ(operation.bodies.size(), 1U);
    EXPECT_EQ(operation.bodies[0].content_type, "multipart/form-data");
    EXPECT_EQ(operation.bodies[0].schema,
              R"({"type":"object","properties":{"title":{"type":"string","minLength":1,"maxLength":10},)"
              R"("width":{"type":"integer","format":"int32","minimum":-2147483648,"maximum":2147483647},)"
              R"("size":{"$ref":"#/components/schemas/Size"},"is_public":{"type":"boolean"},)"
              R"("picture":{"type":"string","format":"binary"},)"
              R"("more":{"type":"array","items":{"type":"string","format":"binary"}}},)"
              R"("required":["title","picture"],"additionalProperties":false})");
}

TEST(FormSchema, OffersBothTypesWithoutFiles) {
    json::SchemaSet components;
    OperationSchema operation(components);
    Provide<Form<Login>>::describe(operation);
    ASSERT_EQ(operation.bodies.size(), 2U);
    EXPECT_EQ(operation.bodies[1].content_type, "application/x-www-form-urlencoded");
    EXPECT_EQ(operation.bodies[1].schema, operation.bodies[0].schema);
}

}  // namespace
}  // namespace brio::http
