#include <brio/base/text.hpp>
#include <brio/http/codings_harness.hpp>
#include <brio/http/wire_harness.hpp>
#include <brio/runtime/offload.hpp>

#include <gtest/gtest.h>

namespace brio::http {
namespace {

using test::body_of;
using test::header_of;
using test::json_of_size;
using test::status_of;
using test::Wire;

Response page(Path<"size", std::int32_t> size) {
    Response response;
    response.json(std::string(static_cast<std::size_t>(*size), 'a')).etag("\"1-ab\"");
    return response;
}

// `what` says in which way the answer is not an ordinary one.
Response odd(Path<"what", std::string> what) {
    Response response;
    response.json(std::string(2000, 'a'));
    auto const is = [&](std::string_view word) { return *what == word; };
    response.status = is("partial") ? 206 : is("nothing") ? 204 : is("wrong") ? 500 : 200;
    if (is("cookie")) {
        response.cookie("session", "1");
    } else if (is("raw_cookie")) {
        response.header("set-cookie", "session=1");
    } else if (is("fixed")) {
        response.cache_control("no-transform");
    } else if (is("raw_fixed")) {
        response.header("cache-control", "no-transform");
    } else if (is("tagged")) {
        response.header("etag", "\"t\"");
    } else if (is("coded")) {
        response.header("content-encoding", "gzip");
    } else if (is("picture")) {
        response.content_type = "image/png";
    } else if (is("varied")) {
        response.header("vary", "Cookie");
    }
    return response;
}

std::string posted() { return std::string(2000, 'a'); }

void routes(Router& router) {
    router.get<"/page/{size}">(page);
    router.post<"/page/{size}">(page);
    router.post<"/small">(posted, {.body_limit = 4});
    router.get<"/odd/{what}">(odd);
    router.get<"/left">(posted, {.compress = false});
    router.post<"/">(posted);
}

std::string ask(Wire& wire, std::string_view path, std::string_view fields, std::string_view method = "GET") {
    return wire.ask(std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n" +
                    std::string(fields) + "\r\n");
}

constexpr std::string_view gzip = "Accept-Encoding: gzip\r\n";

TEST(Compress, GzipsWhatIsLongEnough) {
    Wire wire(routes, {}, {compress(1000)});
    for (auto const size : {999, 1000, 1001}) {
        auto const answer = ask(wire, "/page/" + std::to_string(size), gzip);
        auto const is_long = size >= 1000;
        EXPECT_EQ(header_of(answer, "Content-Encoding"), is_long ? "gzip" : "(absent)") << size;
        EXPECT_EQ(header_of(answer, "Vary"), "Accept-Encoding");
        EXPECT_EQ(header_of(answer, "ETag"), is_long ? "\"1-ab-gz\"" : "\"1-ab\"");
        EXPECT_EQ(header_of(answer, "Content-Length"), std::to_string(body_of(answer).size()));
        EXPECT_EQ(test::decoded(is_long ? Coding::gzip : Coding::identity, body_of(answer)),
                  std::string(static_cast<std::size_t>(size), 'a'));
    }
}

TEST(Compress, WithoutItNothingIsSaidOfCodings) {
    Wire wire(routes);
    auto const answer = ask(wire, "/page/2000", gzip);
    EXPECT_EQ(header_of(answer, "Content-Encoding"), "(absent)");
    EXPECT_EQ(header_of(answer, "Vary"), "(absent)");
}

TEST(Compress, WhoDoesNotAskGetsIdentityAndIsToldThatItVaries) {
    Wire wire(routes, {}, {compress()});
    auto const answer = ask(wire, "/page/2000", "");
    EXPECT_EQ(body_of(answer), std::string(2000, 'a'));
    EXPECT_EQ(header_of(answer, "Vary"), "Accept-Encoding");
    EXPECT_EQ(header_of(answer, "ETag"), "\"1-ab\"");
}

TEST(Compress, ItsTimeIsAPhaseOfItsOwn) {
    ServerOptions options;
    options.server_timing = true;
    Wire wire(routes, options, {compress()});
    EXPECT_NE(header_of(ask(wire, "/page/50000", gzip), "Server-Timing").find("compress;"),
              std::string::npos);
}

TEST(Compress, SeveralLinesAreOneList) {
    Wire wire(routes, {}, {compress()});
    EXPECT_EQ(header_of(ask(wire, "/page/2000", "Accept-Encoding: br\r\nAccept-Encoding: gzip\r\n"),
                        "Content-Encoding"),
              "gzip");
    EXPECT_EQ(header_of(ask(wire, "/page/2000", "Accept-Encoding: gzip\r\nAccept-Encoding: gzip;q=0\r\n"),
                        "Content-Encoding"),
              "(absent)");
}

TEST(Compress, HeadHasTheFieldsOfGet) {
    Wire wire(routes, {}, {compress()});
    auto const get = ask(wire, "/page/2000", gzip);
    auto const head = ask(wire, "/page/2000", gzip, "HEAD");
    EXPECT_EQ(body_of(head), "");
    for (auto const* name : {"Content-Encoding", "Content-Length", "ETag", "Vary", "Content-Type"}) {
        EXPECT_EQ(header_of(head, name), header_of(get, name)) << name;
    }
}

TEST(Compress, AConditionIsOnTheVariantThatWouldBeSent) {
    Wire wire(routes, {}, {compress()});
    auto const with = [&](std::string_view tag) {
        return ask(wire, "/page/2000", std::string(gzip) + "If-None-Match: " + std::string(tag) + "\r\n");
    };
    auto const same = with("\"1-ab-gz\"");
    EXPECT_EQ(status_of(same), 304);
    EXPECT_EQ(header_of(same, "ETag"), "\"1-ab-gz\"");
    EXPECT_EQ(header_of(same, "Vary"), "Accept-Encoding");
    EXPECT_EQ(header_of(same, "Content-Encoding"), "(absent)");
    EXPECT_EQ(body_of(same), "");
    EXPECT_EQ(status_of(with("\"1-ab\"")), 200);
}

TEST(Compress, LeavesAloneWhatMustNotBeCoded) {
    Wire wire(routes, {}, {compress()});
    struct Row {
        std::string_view path;
        std::string_view coding = "(absent)";
        std::string_view vary;
    };
    for (auto const& row :
         {Row{.path = "/odd/partial", .vary = "(absent)"}, Row{.path = "/odd/nothing", .vary = "(absent)"},
          Row{.path = "/odd/fixed", .vary = "(absent)"}, Row{.path = "/odd/raw_fixed", .vary = "(absent)"},
          Row{.path = "/odd/raw_cookie", .vary = "Accept-Encoding"},
          Row{.path = "/odd/picture", .vary = "(absent)"}, Row{.path = "/left", .vary = "(absent)"},
          Row{.path = "/odd/cookie", .vary = "Accept-Encoding"},
          Row{.path = "/odd/wrong", .coding = "gzip", .vary = "Accept-Encoding"}}) {
        auto const answer = ask(wire, row.path, gzip);
        EXPECT_EQ(header_of(answer, "Content-Encoding"), row.coding) << row.path;
        EXPECT_EQ(header_of(answer, "Vary"), row.vary) << row.path;
    }
    EXPECT_EQ(header_of(ask(wire, "/odd/tagged", gzip), "ETag"), "\"t-gz\"");
    auto const coded = ask(wire, "/odd/coded", gzip);
    EXPECT_EQ(header_of(coded, "content-encoding"), "gzip");
    EXPECT_EQ(body_of(coded).size(), 2000U);
}

TEST(Compress, OneVaryFieldNamesEverything) {
    Wire wire(routes, {}, {compress(), cors({.origins = {"https://a.example"}})});
    EXPECT_EQ(header_of(ask(wire, "/page/2000", gzip), "Vary"), "Origin, Accept-Encoding");
    EXPECT_EQ(header_of(ask(wire, "/odd/varied", gzip), "vary"), "Cookie, Origin, Accept-Encoding");
}

TEST(Compress, WhoRefusesIdentityGetsACodingOr406) {
    Wire wire(routes, {}, {compress()});
    auto const small = ask(wire, "/page/10", "Accept-Encoding: gzip, identity;q=0\r\n");
    EXPECT_EQ(test::gunzipped(body_of(small)), std::string(10, 'a'));
    auto const brotli = ask(wire, "/page/10", "Accept-Encoding: br, identity;q=0\r\n");
    EXPECT_EQ(test::decoded(Coding::br, body_of(brotli)), std::string(10, 'a'));
    EXPECT_EQ(header_of(brotli, "ETag"), "\"1-ab-br\"");
    auto const none = ask(wire, "/page/2000", "Accept-Encoding: *;q=0\r\n");
    EXPECT_EQ(status_of(none), 406);
    EXPECT_EQ(header_of(none, "Content-Type"), "application/problem+json");
    EXPECT_NE(body_of(none).find("not_acceptable"), std::string_view::npos);
    EXPECT_EQ(status_of(ask(wire, "/odd/cookie", "Accept-Encoding: gzip, identity;q=0\r\n")), 406);
    EXPECT_EQ(status_of(ask(wire, "/", "Accept-Encoding: *;q=0\r\nContent-Length: 0\r\n", "POST")), 200);
}

class CompressElsewhere : public testing::Test {
protected:
    static constexpr std::size_t size = 200'000;
    static constexpr std::string_view request =
        "GET /page/200000 HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n";

    // Threads: 0 for what must stay in the queue.
    void serve(std::size_t threads, std::size_t queue = 8) {
        pool = std::make_unique<runtime::OffloadPool>(
            runtime::OffloadPool::Options{.threads = threads, .queue = queue});
        Services services;
        services.add(*pool);
        wire = std::make_unique<Wire>(routes, ServerOptions{},
                                      std::vector<Middleware>{compress(), deadlines()}, std::move(services));
        client = wire->connect();
        wire->send(client, request);
    }

    std::unique_ptr<runtime::OffloadPool> pool;
    std::unique_ptr<Wire> wire;
    int client = -1;
};

TEST_F(CompressElsewhere, ALargeBodyComesWhole) {
    serve(1);
    wire->send(client, "GET /page/10 HTTP/1.1\r\nHost: a\r\n\r\n");
    std::string got;
    while (got.find("aaaaaaaaaa") == std::string::npos) {
        got += wire->receive(client);
    }
    EXPECT_EQ(header_of(got, "Content-Encoding"), "gzip");
    EXPECT_EQ(test::gunzipped(body_of(got)), std::string(size, 'a'));
    EXPECT_EQ(wire->server->in_flight().used(), 0U);
}

TEST_F(CompressElsewhere, TheLoopServesOthersMeanwhile) {
    serve(0);
    EXPECT_EQ(wire->receive(client), "");
    EXPECT_EQ(wire->server->in_flight().used(), 1U);
    EXPECT_EQ(status_of(ask(*wire, "/page/10", "")), 200);
}

TEST_F(CompressElsewhere, WhatIsMadeComesUncodedAtItsDeadline) {
    serve(0);
    wire->loop.advance(std::chrono::seconds(3));
    auto const answer = wire->receive(client);
    EXPECT_EQ(status_of(answer), 200);
    EXPECT_EQ(header_of(answer, "Content-Encoding"), "(absent)");
    EXPECT_EQ(header_of(answer, "ETag"), "\"1-ab\"");
    EXPECT_EQ(body_of(answer), std::string(size, 'a'));
    EXPECT_EQ(pool->queue_limit().used(), 0U);
    EXPECT_EQ(wire->server->in_flight().used(), 0U);
}

TEST_F(CompressElsewhere, WhoRefusesItUncodedGets503AtItsDeadlineButNotForWhatIsDone) {
    serve(0);
    for (auto const* method : {"GET", "POST"}) {
        auto const one = wire->connect();
        wire->send(one, concat({method, " /page/200000 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n",
                                "Accept-Encoding: gzip, identity;q=0\r\n\r\n"}));
        wire->loop.advance(std::chrono::seconds(3));
        EXPECT_EQ(status_of(wire->receive(one)), std::string_view(method) == "GET" ? 503 : 200) << method;
    }
}

TEST_F(CompressElsewhere, AClientThatGoesEndsTheWait) {
    serve(0);
    EXPECT_EQ(wire->on_loop->connection_count(), 1U);
    ::shutdown(client, SHUT_RDWR);
    wire->turn();
    wire->loop.advance(std::chrono::seconds(1));
    wire->turn();
    EXPECT_EQ(wire->on_loop->connection_count(), 0U);
    EXPECT_EQ(pool->queue_limit().used(), 0U);
}

TEST_F(CompressElsewhere, AServerThatEndsEndsTheWait) {
    serve(0);
    wire->on_loop->drain();
    EXPECT_EQ(wire->receive(client), "");
    wire->on_loop->stop_all();
    EXPECT_EQ(body_of(wire->receive(client)), std::string(size, 'a'));
    EXPECT_TRUE(wire->closed);
}

TEST_F(CompressElsewhere, WhereThreadsAreOverloadedTheBodyComesUncoded) {
    serve(0, 1);  // the first request fills the queue
    auto const answer = wire->ask(request);
    EXPECT_EQ(header_of(answer, "Content-Encoding"), "(absent)");
    EXPECT_EQ(header_of(answer, "ETag"), "\"1-ab\"");
    EXPECT_EQ(body_of(answer), std::string(size, 'a'));
}

TEST(Compress, ARefusalWaitsForNoThread) {
    runtime::OffloadPool pool({.threads = 0});
    Services services;
    services.add(pool);
    Wire wire(routes, {}, {compress(0, {.offload_above = 0})}, std::move(services));
    auto const answer = ask(wire, "/small", std::string(gzip) + "Content-Length: 5\r\n", "POST");
    EXPECT_EQ(status_of(answer), 413);
    EXPECT_NE(test::gunzipped(body_of(answer)).find("body_too_large"), std::string::npos);
    EXPECT_TRUE(wire.closed);
}

TEST(Compress, WithoutThreadsALargeBodyIsCompressedOnTheLoop) {
    Wire wire(routes, {}, {compress()});
    EXPECT_EQ(test::gunzipped(body_of(ask(wire, "/page/200000", gzip))), std::string(200'000, 'a'));
}

// A body that a cache would keep: the same for every request.
std::shared_ptr<const KeptBody> kept_page;
Response show_kept() {
    Response response;
    response.content_type = "application/json";
    response.kept = kept_page;
    response.etag("\"k\"");
    return response;
}
Async<Response> show_kept_later() {
    co_await runtime::sleep_for(std::chrono::milliseconds(10));
    co_return show_kept();
}
void kept_routes(Router& router) {
    router.get<"/">(show_kept);
    router.get<"/later">(show_kept_later);
    router.get<"/words">([] { return std::string("words"); });
}

class CompressKept : public testing::Test {
protected:
    void TearDown() override { kept_page.reset(); }
};

TEST_F(CompressKept, IsSentInTheBestCodingThatIsMade) {
    auto const text = json_of_size(4000);
    kept_page = std::make_shared<const KeptBody>(text);
    auto pool = std::make_unique<runtime::OffloadPool>(runtime::OffloadPool::Options{.threads = 1});
    Services services;
    services.add(*pool);
    Wire wire(kept_routes, {}, {compress()}, std::move(services));
    constexpr std::string_view all = "Accept-Encoding: gzip, deflate, br, zstd\r\n";
    auto const first = ask(wire, "/", all);
    EXPECT_EQ(header_of(first, "Content-Encoding"), "gzip");
    EXPECT_EQ(test::gunzipped(body_of(first)), text);
    while (!kept_page->made().has(Coding::br)) {
        EXPECT_EQ(test::gunzipped(body_of(ask(wire, "/", gzip))), text);
        ask(wire, "/", all);
    }
    auto const later = ask(wire, "/", all);
    EXPECT_EQ(header_of(later, "Content-Encoding"), "br");
    EXPECT_EQ(header_of(later, "ETag"), "\"k-br\"");
    EXPECT_EQ(body_of(later), kept_page->variant(Coding::br));
    EXPECT_EQ(body_of(ask(wire, "/", "")), text);
}

TEST_F(CompressKept, ALongOneThatWasWaitedForComesBeforeTheNextAnswer) {
    kept_page = std::make_shared<const KeptBody>(json_of_size(200'000));
    Wire wire(kept_routes);
    auto const client = wire.connect();
    for (std::string_view const next : {"/words", "/", "/later"}) {
        wire.send(client, concat({"GET /later HTTP/1.1\r\nHost: a\r\n\r\nGET ", next,
                                  " HTTP/1.1\r\nHost: a\r\n\r\n"}));
        std::string answers;
        for (int i = 0; i < 4; ++i) {
            wire.loop.advance(std::chrono::milliseconds(10));
            wire.turn();
            answers += wire.receive(client);
        }
        auto const rest = body_of(answers);
        auto const text = kept_page->identity();
        ASSERT_GT(rest.size(), text.size());
        EXPECT_TRUE(rest.starts_with(text)) << next;
        EXPECT_EQ(body_of(rest.substr(text.size())), next == "/words" ? "words" : text) << next;
    }
}

TEST_F(CompressKept, ALongOneLivesUntilItIsWritten) {
    kept_page = std::make_shared<const KeptBody>(json_of_size(4 << 20));
    Wire wire(kept_routes);
    auto const client = wire.connect();
    wire.send(client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    std::weak_ptr<const KeptBody> const watched = kept_page;
    auto const text = std::string(kept_page->identity());
    kept_page.reset();
    EXPECT_FALSE(watched.expired());  // the client has not read it yet
    EXPECT_EQ(body_of(wire.receive(client)), text);
    EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace brio::http
