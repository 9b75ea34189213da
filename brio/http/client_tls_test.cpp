#include <brio/http/certificate_harness.hpp>
#include <brio/http/client_harness.hpp>
#include <brio/http/client_tls.hpp>

#include <gtest/gtest.h>

#include <openssl/ssl.h>

namespace brio::http {
namespace {

using State = ClientTlsSession::State;
using test::Certificate;

// The server's end of a session, over bytes.
class ServerEnd {
public:
    explicit ServerEnd(const Certificate& certificate, int most_version = TLS1_3_VERSION)
        : context_(SSL_CTX_new(TLS_server_method())) {
        SSL_CTX_set_min_proto_version(context_, TLS1_VERSION);
        SSL_CTX_set_max_proto_version(context_, most_version);
        SSL_CTX_use_certificate(context_, certificate.certificate());
        SSL_CTX_use_PrivateKey(context_, certificate.key());
        session_ = SSL_new(context_);
        SSL_set_bio(session_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        SSL_set_accept_state(session_);
    }
    ServerEnd(const ServerEnd&) = delete;
    ~ServerEnd() {
        SSL_free(session_);
        SSL_CTX_free(context_);
    }
    void receive(std::string_view bytes) {
        BIO_write(SSL_get_rbio(session_), bytes.data(), static_cast<int>(bytes.size()));
    }
    std::string output() {
        std::string bytes(BIO_ctrl_pending(SSL_get_wbio(session_)), '\0');
        BIO_read(SSL_get_wbio(session_), bytes.data(), static_cast<int>(bytes.size()));
        return bytes;
    }
    /// What the client has sent so far, in plain; goes on with the handshake.
    std::string read() {
        char bytes[16 * 1024];
        auto const size = SSL_read(session_, bytes, sizeof bytes);
        return size > 0 ? std::string(bytes, static_cast<std::size_t>(size)) : std::string();
    }
    void write(std::string_view plain) { SSL_write(session_, plain.data(), static_cast<int>(plain.size())); }
    void say_end() { SSL_shutdown(session_); }

private:
    SSL_CTX* context_;
    SSL* session_;
};

State shake_hands(ClientTlsSession& client, ServerEnd& server) {
    Buffer to_server;
    for (int flights = 0; flights < 10; ++flights) {
        auto const state = client.shake_hands();
        client.take_output(to_server);
        server.receive(to_server.view());
        to_server.clear();
        server.read();
        if (state != State::wants_more) {
            return state;
        }
        client.receive(server.output());
    }
    return State::wants_more;
}

TEST(ClientTls, TalksToWhomItsAuthorityVouchesFor) {
    Certificate const certificate("DNS:good.example");
    ClientTls const shared(certificate.path());
    ClientTlsSession client(shared, "good.example");
    ServerEnd server(certificate);
    ASSERT_EQ(shake_hands(client, server), State::ready) << client.error();
    EXPECT_EQ(client.write("question"), State::ready);
    Buffer bytes;
    client.take_output(bytes);
    EXPECT_EQ(bytes.view().find("question"), std::string_view::npos);
    server.receive(bytes.view());
    EXPECT_EQ(server.read(), "question");
    server.write("answer");
    auto const encrypted = server.output();
    Buffer plain;
    for (char const byte : encrypted) {
        client.receive({&byte, 1});
        EXPECT_EQ(client.read(plain), State::wants_more);
    }
    EXPECT_EQ(plain.view(), "answer");
    server.say_end();
    client.receive(server.output());
    EXPECT_EQ(client.read(plain), State::ended);
}

TEST(ClientTls, AnotherHostsCertificateIsRefused) {
    Certificate const certificate("DNS:good.example,IP:127.0.0.1");
    ClientTls const shared(certificate.path());
    for (auto const* host : {"evil.example", "good.example.evil", "127.0.0.2"}) {
        ClientTlsSession client(shared, host);
        ServerEnd server(certificate);
        EXPECT_EQ(shake_hands(client, server), State::failed) << host;
        EXPECT_NE(client.error().find("mismatch"), std::string::npos) << client.error();
    }
    ClientTlsSession by_address(shared, "127.0.0.1");
    ServerEnd server(certificate);
    EXPECT_EQ(shake_hands(by_address, server), State::ready) << by_address.error();
}

TEST(ClientTls, AnUnknownAuthorityIsRefused) {
    Certificate const known("DNS:good.example");
    Certificate const unknown("DNS:good.example");
    ClientTls const shared(known.path());
    ClientTlsSession client(shared, "good.example");
    ServerEnd server(unknown);
    EXPECT_EQ(shake_hands(client, server), State::failed);
    EXPECT_NE(client.error().find("the certificate does not hold"), std::string::npos) << client.error();
}

TEST(ClientTls, ProtocolsBefore12AreRefused) {
    Certificate const certificate("DNS:good.example");
    ClientTls const shared(certificate.path());
    ClientTlsSession client(shared, "good.example");
    ServerEnd server(certificate, TLS1_1_VERSION);
    EXPECT_NE(shake_hands(client, server), State::ready);
}

TEST(ClientTls, AMissingFileOfAuthoritiesIsNamed) {
    try {
        ClientTls const shared("/nowhere/authorities.pem");
        FAIL() << "there is no such file";
    } catch (const std::runtime_error& error) {
        EXPECT_NE(std::string_view(error.what()).find("/nowhere/authorities.pem"), std::string_view::npos);
    }
}

// A peer over a socket that speaks TLS through ServerEnd.
struct SecurePeer {
    explicit SecurePeer(test::ClientWire& wire, const Certificate& certificate)
        : peer(wire.loop),
          server(certificate) {}

    std::string url() const { return "https://" + peer.authority() + "/"; }
    /// The client's next plain bytes, the handshake before them done.
    std::string receive() {
        for (int turns = 0; turns < 50; ++turns) {
            if (auto plain = server.read(); !plain.empty()) {
                return plain;
            }
            peer.send(server.output());
            server.receive(peer.receive_some());
        }
        return "(nothing)";
    }
    void send(std::string_view plain) {
        server.write(plain);
        peer.send(server.output());
    }

    test::Peer peer;
    ServerEnd server;
};

TEST(ClientTls, AnHttpsRequestIsAnsweredAndItsConnectionKept) {
    Certificate const certificate("IP:127.0.0.1");
    test::ClientWire wire({.certificates = certificate.path()});
    SecurePeer peer(wire, certificate);
    for (int i = 0; i < 2; ++i) {
        auto const call = wire.start(wire.outbound().get(peer.url()));
        if (i == 0) {
            ASSERT_TRUE(peer.peer.accept());
        }
        auto const request = peer.receive();
        EXPECT_TRUE(request.starts_with("GET / HTTP/1.1\r\n")) << request;
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret");
        EXPECT_EQ(wire.finish(*call).body(), "secret");
    }
    EXPECT_TRUE(peer.peer.nobody_waits());
    EXPECT_EQ(wire.pool().idle(), 1U);
}

TEST(ClientTls, AnAnswerUntilTheEndThatIsCutOffIsNoAnswer) {
    for (bool const says_end : {true, false}) {
        Certificate const certificate("IP:127.0.0.1");
        test::ClientWire wire({.certificates = certificate.path()});
        SecurePeer peer(wire, certificate);
        auto const call = wire.start(wire.outbound().get(peer.url()));
        ASSERT_TRUE(peer.peer.accept());
        peer.receive();
        peer.send("HTTP/1.1 200 OK\r\n\r\npart");
        if (says_end) {
            peer.server.say_end();
            peer.peer.send(peer.server.output());
            EXPECT_EQ(wire.finish(*call).body(), "part");
        } else {
            peer.peer.close();
            EXPECT_EQ(wire.failure(*call)->cause, OutboundFailed::Cause::broken);
        }
    }
}

TEST(ClientTls, APlainServerIsNoSecureOne) {
    test::ClientWire wire;
    test::Peer peer(wire.loop);
    auto const call = wire.start(wire.outbound().get("https://" + peer.authority() + "/"));
    ASSERT_TRUE(peer.accept());
    peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    auto const failed = wire.failure(*call);
    ASSERT_TRUE(failed);
    EXPECT_EQ(failed->cause, OutboundFailed::Cause::tls) << failed->what();
}

}  // namespace
}  // namespace brio::http
