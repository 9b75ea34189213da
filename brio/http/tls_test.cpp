// A server over TLS, against OpenSSL's client.
#include <brio/http/server_tls.hpp>

#include <gtest/gtest.h>

#include <brio/http/certificate_harness.hpp>
#include <brio/http/tls_harness.hpp>
#include <brio/metrics/exposition.hpp>

namespace brio::http {
namespace {

using test::Certificate;
using Client = test::TlsClient;

const std::string long_text(1'000'000, 'x');
constexpr std::string_view get_now = "GET /now HTTP/1.1\r\nHost: a\r\n\r\n";

void routes(Router& router) {
    router.get<"/now">([] { return std::string("now"); });
    router.post<"/echo">([](Request request) {
        Response response;
        response.text(request.body());
        return response;
    });
    router.get<"/long">([] {
        Response response;
        response.static_body = long_text;
        return response;
    });
}

struct TlsTest : testing::Test {
    explicit TlsTest(TlsVersion least = TlsVersion::v1_2)
        : tls({.certificate = certificate.path(), .key = certificate.key_path(), .least = least}) {}

    double metric(std::string_view series) {
        Buffer text;
        metrics::write_exposition(text, wire.registry, metrics::Exposition::prometheus);
        auto const at = text.view().find("\n" + std::string(series) + " ");
        return at == std::string_view::npos
                   ? -1
                   : std::stod(std::string(text.view().substr(at + series.size() + 2, 20)));
    }
    double failures(std::string_view cause) {
        return metric("tls_handshake_failures_total{cause=\"" + std::string(cause) + "\"}");
    }

    Certificate certificate;
    ServerTls tls;
    test::Wire wire{routes, {}, {}, {}, &tls};
};

TEST_F(TlsTest, ARequestIsAnsweredInBothVersions) {
    for (auto const version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        Client client(wire, {.most_version = version});
        ASSERT_TRUE(client.shake_hands());
        EXPECT_EQ(SSL_version(client.ssl()), version);
        for (int i = 0; i < 3; ++i) {
            EXPECT_EQ(test::body_of(client.ask(get_now)), "now");
        }
    }
    EXPECT_EQ(metric(R"(tls_handshakes_total{version="1.2",resumed="no"})"), 1);
    EXPECT_EQ(metric(R"(tls_handshakes_total{version="1.3",resumed="no"})"), 1);
    EXPECT_EQ(wire.server->handshakes().used(), 0U);
    EXPECT_EQ(wire.server->connections().used(), 2U);
}

TEST_F(TlsTest, BytesThatComeOneByOneAreEnough) {
    Client client(wire, {.piece = 1});
    ASSERT_TRUE(client.shake_hands());
    EXPECT_EQ(test::body_of(client.ask(get_now)), "now");
}

TEST_F(TlsTest, ALongAnswerArrivesWholeAtAClientThatReadsLate) {
    Client client(wire);
    ASSERT_TRUE(client.shake_hands());
    client.send("GET /long HTTP/1.1\r\nHost: a\r\n\r\n");
    wire.turn(10);  // the kernel takes no more
    auto const answer = client.receive();
    EXPECT_EQ(test::body_of(answer), long_text);
    EXPECT_EQ(test::body_of(client.ask(get_now)), "now");
}

TEST_F(TlsTest, ALongBodyArrivesWhole) {
    Client client(wire);
    ASSERT_TRUE(client.shake_hands());
    auto const body = long_text.substr(0, 300'000);
    auto const answer =
        client.ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: " +
                   std::to_string(body.size()) + "\r\n\r\n" + body);
    EXPECT_EQ(test::body_of(answer), body);
}

TEST_F(TlsTest, PipelinedRequestsAreAnsweredInOrder) {
    Client client(wire);
    ASSERT_TRUE(client.shake_hands());
    std::string batch;
    for (int i = 0; i < 100; ++i) {
        batch += get_now;
    }
    auto const answers = client.ask(batch);
    std::size_t count = 0;
    for (auto at = answers.find("HTTP/1.1 200"); at != std::string::npos;
         at = answers.find("HTTP/1.1 200", at + 1)) {
        ++count;
    }
    EXPECT_EQ(count, 100U);
}

TEST_F(TlsTest, ATicketResumesAlsoAfterARenewal) {
    for (auto const version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        Client first(wire, {.most_version = version});
        ASSERT_TRUE(first.shake_hands());
        first.ask(get_now);
        auto* session = SSL_get1_session(first.ssl());
        ASSERT_TRUE(tls.renew(wall_now()));
        Client second(wire, {.most_version = version, .session = session});
        ASSERT_TRUE(second.shake_hands());
        EXPECT_EQ(test::body_of(second.ask(get_now)), "now");
        EXPECT_EQ(SSL_session_reused(second.ssl()), 1);
        SSL_SESSION_free(session);
    }
    EXPECT_EQ(metric(R"(tls_handshakes_total{version="1.3",resumed="yes"})"), 1);
}

TEST_F(TlsTest, OfProtocolsHttp11IsChosenAndOthersAloneAreRefused) {
    Client both(wire, {.protocols = "\x02h2\x08http/1.1"});
    ASSERT_TRUE(both.shake_hands());
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(both.ssl(), &chosen, &size);
    EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(chosen), size), "http/1.1");
    Client other(wire, {.protocols = "\x02h2"});
    EXPECT_FALSE(other.shake_hands());
    EXPECT_EQ(failures("protocol"), 1);
}

TEST_F(TlsTest, OldVersionsAndWeakSuitesAreRefused) {
    Client old(wire, {.most_version = TLS1_1_VERSION});
    EXPECT_FALSE(old.shake_hands());
    EXPECT_EQ(failures("version"), 1);
    for (auto const* suites :
         {"AES128-SHA", "ECDHE-ECDSA-AES128-SHA", "AES128-GCM-SHA256", "NULL", "aNULL"}) {
        Client weak(wire, {.most_version = TLS1_2_VERSION, .suites = suites});
        EXPECT_FALSE(weak.shake_hands()) << suites;
    }
    EXPECT_GE(failures("cipher"), 3);
    EXPECT_EQ(wire.server->connections().used(), 0U);
}

struct Tls13Test : TlsTest {
    Tls13Test() : TlsTest(TlsVersion::v1_3) {}
};

TEST_F(Tls13Test, TheOldestVersionIsASetting) {
    Client old(wire, {.most_version = TLS1_2_VERSION});
    EXPECT_FALSE(old.shake_hands());
    Client client(wire);
    EXPECT_TRUE(client.shake_hands());
}

TEST(ServerTls, ClientsNeedACertificateOfWhoIsNamed) {
    Certificate const certificate;
    Certificate const known;
    Certificate const unknown;
    ServerTls tls({.certificate = certificate.path(),
                   .key = certificate.key_path(),
                   .client_authorities = known.path()});
    test::Wire wire(routes, {}, {}, {}, &tls);
    for (auto const* own : {&known, &unknown, static_cast<const Certificate*>(nullptr)}) {
        Client client(wire, {.own = own});
        client.shake_hands();  // of TLS 1.3 a client ends it before the server has looked
        EXPECT_EQ(test::body_of(client.ask(get_now)), own == &known ? "now" : "");
    }
    EXPECT_EQ(wire.server->connections().used(), 1U);
}

TEST(ServerTls, ATicketIsNoGoodWhenTheAuthoritiesAreOthers) {
    Certificate const certificate;
    Certificate const known;
    Certificate const next;
    ServerTls tls({.certificate = certificate.path(),
                   .key = certificate.key_path(),
                   .client_authorities = known.path()});
    test::Wire wire(routes, {}, {}, {}, &tls);
    for (auto const version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        known.write_certificate(known.path());
        ASSERT_TRUE(tls.renew(wall_now()));
        Client first(wire, {.most_version = version, .own = &known});
        ASSERT_TRUE(first.shake_hands());
        EXPECT_EQ(test::body_of(first.ask(get_now)), "now");
        auto* session = SSL_get1_session(first.ssl());
        next.write_certificate(known.path());
        ASSERT_TRUE(tls.renew(wall_now()));
        Client second(wire, {.most_version = version, .session = session, .own = &known});
        second.shake_hands();
        EXPECT_EQ(test::body_of(second.ask(get_now)), "");
        SSL_SESSION_free(session);
    }
}

TEST(ServerTls, ATicketIsNoGoodOnceTheClientsCertificateHasExpired) {
    static WallTime now;
    now = wall_now();
    Certificate const certificate;
    Certificate const known;
    ServerTls tls({.certificate = certificate.path(),
                   .key = certificate.key_path(),
                   .client_authorities = known.path()},
                  []() noexcept { return now; });
    test::Wire wire(routes, {}, {}, {}, &tls);
    for (auto const version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        Client first(wire, {.most_version = version, .own = &known});
        ASSERT_TRUE(first.shake_hands());
        first.ask(get_now);
        auto* session = SSL_get1_session(first.ssl());
        for (auto const later : {std::chrono::minutes(50), std::chrono::minutes(70)}) {
            now = wall_now() + later;
            Client second(wire, {.most_version = version, .session = session, .own = &known});
            ASSERT_TRUE(second.shake_hands());
            EXPECT_EQ(test::body_of(second.ask(get_now)), "now");
            EXPECT_EQ(SSL_session_reused(second.ssl()) == 1, later < std::chrono::hours(1));
        }
        SSL_SESSION_free(session);
    }
}

TEST_F(TlsTest, PlainHttpIsAnsweredThatTlsIsSpoken) {
    auto const client = wire.connect();
    wire.send(client, get_now);
    auto const answer = wire.receive(client);
    EXPECT_EQ(test::status_of(answer), 400);
    EXPECT_NE(answer.find("tls_required"), std::string::npos);
    EXPECT_TRUE(wire.closed);
    wire.loop.advance(std::chrono::seconds(2));
    wire.turn();
    EXPECT_EQ(wire.on_loop->connection_count(), 0U);
    EXPECT_EQ(failures("plain_http"), 1);
}

TEST_F(TlsTest, WhatIsNoHandshakeEndsTheConnection) {
    using namespace std::string_view_literals;
    for (auto const bytes : {"\x80\x2e\x01\x03\x01"sv, "\x16\x03\x01\x00\x05hello"sv, "\0\0\0\0"sv,
                             "\x16\x03\x01\xff\xff\x01"sv, "\x15\x03\x01\x00\x02\x02\x28"sv}) {
        auto const client = wire.connect();
        wire.send(client, bytes);
        wire.receive(client);
        EXPECT_TRUE(wire.closed);
    }
    EXPECT_EQ(wire.on_loop->connection_count(), 0U);
    EXPECT_EQ(wire.server->handshakes().used(), 0U);
}

TEST_F(TlsTest, AClientThatIsSlowToShakeHandsIsLeft) {
    auto const silent = wire.connect();
    auto const slow = wire.connect();
    wire.send(slow, "\x16\x03\x01");
    wire.loop.advance(std::chrono::milliseconds(9'900));
    wire.turn();
    EXPECT_EQ(wire.server->handshakes().used(), 2U);
    wire.loop.advance(std::chrono::milliseconds(200));
    for (auto const client : {silent, slow}) {
        wire.receive(client);
        EXPECT_TRUE(wire.closed);
    }
    EXPECT_EQ(failures("late"), 2);
    EXPECT_EQ(wire.server->connections().used(), 0U);
}

TEST_F(TlsTest, AClientThatLeavesWithoutAByteIsNoFailureOfTls) {
    ::shutdown(wire.connect(), SHUT_RDWR);
    wire.turn();
    EXPECT_EQ(failures("unused"), 1);
    EXPECT_EQ(wire.on_loop->connection_count(), 0U);
}

TEST_F(TlsTest, AConnectionThatIsClosedSaysSo) {
    Client client(wire);
    ASSERT_TRUE(client.shake_hands());
    client.ask("GET /now HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(client.was_told_of_end);
    Client idle(wire);
    ASSERT_TRUE(idle.shake_hands());
    idle.ask(get_now);
    EXPECT_FALSE(idle.was_told_of_end);
    wire.on_loop->drain();
    wire.loop.advance(std::chrono::seconds(1));
    idle.receive();
    EXPECT_TRUE(idle.was_told_of_end);
}

TEST_F(TlsTest, AClientThatIsCutOffLeavesNothing) {
    for (auto const bytes : {std::size_t{0}, std::size_t{3}, std::size_t{20}}) {
        Client client(wire);
        ASSERT_TRUE(client.shake_hands());
        SSL_write(client.ssl(), get_now.data(), static_cast<int>(get_now.size()));
        char record[4096];
        BIO_read(SSL_get_wbio(client.ssl()), record, sizeof record);
        wire.send(client.fd(), {record, bytes});
        ::shutdown(client.fd(), SHUT_WR);
        wire.receive(client.fd());
        EXPECT_TRUE(wire.closed);
    }
    wire.turn();
    EXPECT_EQ(wire.on_loop->connection_count(), 0U);
}

TEST_F(TlsTest, ABrokenRecordEndsTheConnection) {
    Client client(wire);
    ASSERT_TRUE(client.shake_hands());
    wire.send(client.fd(), std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'x'));
    wire.receive(client.fd());
    EXPECT_TRUE(wire.closed);
    wire.turn();
    EXPECT_EQ(wire.on_loop->connection_count(), 0U);
}

TEST_F(TlsTest, AClientMayChangeItsKeysButNotForEver) {
    for (auto const times : {100, 4000}) {
        Client client(wire);
        ASSERT_TRUE(client.shake_hands());
        for (int i = 0; i < times; ++i) {
            SSL_key_update(client.ssl(), SSL_KEY_UPDATE_NOT_REQUESTED);
            SSL_do_handshake(client.ssl());
        }
        std::string records(150'000, ' ');
        auto const size = BIO_read(SSL_get_wbio(client.ssl()), records.data(), 150'000);
        ASSERT_EQ(::send(client.fd(), records.data(), static_cast<std::size_t>(size), 0), size);
        EXPECT_EQ(test::body_of(client.ask(get_now)), times == 100 ? "now" : "");
        EXPECT_EQ(wire.closed, times != 100);
    }
    wire.turn();
    EXPECT_EQ(wire.on_loop->connection_count(), 1U);
}

TEST(ServerTls, OneThatCannotBeUsedIsNamedWithWhatIsWrong) {
    Certificate const one;
    Certificate const other;
    auto const error = [](const TlsOptions& options) {
        auto const found = examine_tls(options);
        return found ? std::string("none") : found.error();
    };
    EXPECT_EQ(error({.certificate = "/nowhere/chain.pem"}),
              "the certificate in /nowhere/chain.pem cannot be read: No such file or directory");
    EXPECT_EQ(error({.certificate = one.path(), .key = other.key_path()}),
              "the key in " + other.key_path() + " is not that of the first certificate in " + one.path());
    EXPECT_TRUE(
        error({.certificate = one.path()}).starts_with("the key in " + one.path() + " cannot be read: "));
    EXPECT_TRUE(error({.certificate = one.key_path()})
                    .starts_with("the certificate in " + one.key_path() + " cannot be read: "));
    EXPECT_EQ(error({.certificate = one.path(), .key = one.key_path()}), "none");
}

TEST(ServerTls, WhatACertificateSaysIsRead) {
    Certificate const certificate({.names = "DNS:shop.example,IP:192.0.2.7", .is_rsa = true});
    auto const found = examine_tls({.certificate = certificate.path(), .key = certificate.key_path()});
    ASSERT_TRUE(found) << found.error();
    EXPECT_EQ(found->subject, "CN=test");
    EXPECT_EQ(found->names, "DNS:shop.example, IP Address:192.0.2.7");
    EXPECT_EQ(found->key, "RSA 2048");
    EXPECT_NEAR(std::chrono::duration<double>(found->not_after - wall_now()).count(), 3600, 60);
}

TEST(ServerTls, ARenewalThatCannotBeUsedChangesNothing) {
    Certificate const first({.names = "DNS:first.example"});
    Certificate const second({.names = "DNS:second.example"});
    Certificate const expired({.names = "DNS:second.example", .begins = -7200, .ends = -3600});
    ServerTls tls({.certificate = first.path(), .key = first.key_path()});
    second.write_certificate(first.path());
    EXPECT_FALSE(tls.renew(wall_now()));
    expired.write_certificate(first.path());
    expired.write_key(first.key_path());
    EXPECT_NE(tls.renew(wall_now()).error().find("has expired"), std::string::npos);
    EXPECT_EQ(tls.certificate().names, "DNS:first.example");
    second.write_certificate(first.path());
    second.write_key(first.key_path());
    EXPECT_TRUE(tls.renew(wall_now()));
    EXPECT_EQ(tls.certificate().names, "DNS:second.example");
}

}  // namespace
}  // namespace brio::http
