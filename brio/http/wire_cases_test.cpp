// Every raw case through the whole server: right answer, right closing, the same however the bytes are split,
// and a good request is answered after each.
#include <brio/http/certificate_harness.hpp>
#include <brio/http/raw_cases.hpp>
#include <brio/http/tls_harness.hpp>
#include <brio/http/wire_harness.hpp>

#include <gtest/gtest.h>

#include <random>

namespace brio::http {
namespace {

using test::Wire;

void routes(Router& router) {
    router.get<"/">([] { return std::string("OK"); });
    router.post<"/">([](Request request) { return std::string(request.body()); });
}

// The first status, how many answers, and whether the server closed.
struct Outcome {
    int status = 0;
    int answers = 0;
    bool closed = false;
    bool operator==(const Outcome&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
    return out << outcome.status << " (" << outcome.answers << " answers, "
               << (outcome.closed ? "closed)" : "open)");
}

Outcome outcome_of(std::string_view bytes, bool closed) {
    constexpr std::string_view interim = "HTTP/1.1 100 Continue\r\n\r\n";
    std::string text(bytes);
    for (auto at = text.find(interim); at != std::string::npos; at = text.find(interim)) {
        text.erase(at, interim.size());
    }
    Outcome outcome{test::status_of(text), 0, closed};
    for (auto at = text.find("HTTP/1.1 "); at != std::string::npos; at = text.find("HTTP/1.1 ", at + 1)) {
        ++outcome.answers;
    }
    return outcome;
}

Outcome exchange_at_once(Wire& wire, std::string_view bytes) {
    auto const client = wire.connect();
    wire.send(client, bytes);
    auto const answer = wire.receive(client);
    return outcome_of(answer, wire.closed);
}

// As a slow sender: a turn between the pieces.
Outcome exchange_in_pieces(Wire& wire, std::string_view bytes, const std::vector<std::size_t>& cuts) {
    auto const client = wire.connect();
    std::string answer;
    std::size_t from = 0;
    for (auto const cut : cuts) {
        wire.send(client, bytes.substr(from, cut - from));
        wire.turn(1);
        from = cut;
    }
    wire.send(client, bytes.substr(from));
    answer += wire.receive(client);
    return outcome_of(answer, wire.closed);
}

TEST(WireCases, EachGetsItsStatusAndItsClosing) {
    Wire wire(routes);
    for (auto const& one : raw_requests()) {
        SCOPED_TRACE(one.name);
        auto const outcome = exchange_at_once(wire, one.bytes);
        EXPECT_EQ(outcome.status / 100 == 2 ? 200 : outcome.status, one.status);  // 200 stands for success
        if (one.must_close) {
            EXPECT_TRUE(outcome.closed);
        }
        EXPECT_EQ(test::status_of(wire.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n")), 200);
    }
}

TEST(WireCases, OverTlsTheirOutcomeIsTheSame) {
    test::Certificate const certificate;
    ServerTls tls({.certificate = certificate.path(), .key = certificate.key_path()});
    Wire plain(routes);
    Wire secure(routes, {}, {}, {}, &tls);
    for (auto const& one : raw_requests()) {
        SCOPED_TRACE(one.name);
        test::TlsClient client(secure);
        ASSERT_TRUE(client.shake_hands());
        auto const answer = client.ask(one.bytes);
        EXPECT_EQ(outcome_of(answer, client.was_told_of_end), exchange_at_once(plain, one.bytes));
    }
}

TEST(WireCases, TwelveSplitsOfEachMakeNoDifference) {
    constexpr unsigned seed = 20261123;
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    Wire wire(routes);
    std::size_t differences = 0;
    for (auto const& one : raw_requests()) {
        if (one.bytes.size() > 64 * 1024) {
            continue;
        }
        auto const expected = exchange_at_once(wire, one.bytes);
        for (int split = 0; split < 12; ++split) {
            std::vector<std::size_t> cuts;
            for (int i = 0; i <= split % 4; ++i) {
                cuts.push_back(random() % (one.bytes.size() + 1));
            }
            std::ranges::sort(cuts);
            auto const outcome = exchange_in_pieces(wire, one.bytes, cuts);
            differences += outcome == expected ? 0 : 1;
            EXPECT_EQ(outcome, expected) << one.name;
        }
    }
    EXPECT_EQ(differences, 0U);
}

TEST(WireCases, ThereAreAtLeastAHundredAndFifty) { EXPECT_GE(raw_requests().size(), 150U); }

}  // namespace
}  // namespace brio::http
