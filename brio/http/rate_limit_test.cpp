#include <brio/http/rate_limit.hpp>

#include <brio/base/text.hpp>
#include <brio/http/address.hpp>
#include <brio/http/wire_harness.hpp>

#include <gtest/gtest.h>

namespace brio::http {
namespace {

using namespace std::chrono_literals;
using test::body_of;
using test::header_of;
using test::status_of;
using test::Wire;

Buckets::Rules ten_a_second(std::uint64_t burst, std::size_t clients = 1024) {
    return {.gap = 100ms, .burst = burst, .clients = clients, .name = "test"};
}

TEST(Buckets, ABurstIsLetInAndThenOneAGap) {
    Buckets buckets(ten_a_second(3));
    for (std::uint64_t left = 3; left-- > 0;) {
        auto const taken = buckets.take(7, 1s);
        EXPECT_TRUE(taken.is_let_in);
        EXPECT_EQ(taken.left, left);
    }
    EXPECT_FALSE(buckets.take(7, 1s).is_let_in);
    EXPECT_EQ(buckets.take(7, 1s).again, 100ms);
    EXPECT_EQ(buckets.take(7, 1040ms).again, 60ms);
    EXPECT_TRUE(buckets.take(7, 1100ms).is_let_in);
    EXPECT_FALSE(buckets.take(7, 1100ms).is_let_in);
}

TEST(Buckets, WhoIsRefusedLosesNothingByAsking) {
    Buckets buckets(ten_a_second(1));
    EXPECT_TRUE(buckets.take(7, 1s).is_let_in);
    for (Buckets::Time now = 1001ms; now < 1100ms; now += 1ms) {
        EXPECT_FALSE(buckets.take(7, now).is_let_in);
    }
    EXPECT_TRUE(buckets.take(7, 1s + 100ms).is_let_in);
}

TEST(Buckets, InTheLongRunNobodyGetsMoreThanTheRate) {
    Buckets buckets(ten_a_second(5));
    int let_in = 0;
    for (Buckets::Time now = 1s; now < 101s; now += 1ms) {
        let_in += buckets.take(7, now).is_let_in ? 1 : 0;
    }
    EXPECT_GE(let_in, 1000);
    EXPECT_LE(let_in, 1005);
}

TEST(Buckets, ClientsDoNotTouchEachOther) {
    Buckets buckets(ten_a_second(1));
    for (std::uint64_t client = 1; client <= 100; ++client) {
        EXPECT_TRUE(buckets.take(client * 0x9E3779B97F4A7C15, 1s).is_let_in);
    }
    EXPECT_EQ(buckets.limit().used(), 100U);
}

TEST(Buckets, AFullTableForgetsWhoIsFullSoonestAndCountsIt) {
    Buckets buckets(ten_a_second(100, 512));  // one set of 8 a shard
    auto const of_one_set = [](std::uint64_t number) { return 64 * number; };
    for (std::uint64_t i = 0; i < 50; ++i) {
        buckets.take(of_one_set(1), 1s);
    }
    for (std::uint64_t client = 2; client <= 20; ++client) {
        buckets.take(of_one_set(client), 1s);
    }
    EXPECT_EQ(buckets.limit().used(), 8U);
    EXPECT_EQ(buckets.limit().refused(), 12U);
    EXPECT_EQ(buckets.take(of_one_set(1), 1s).left, 49U) << "who asked most is still known";
}

TEST(Buckets, WhatAllCountedIsWhereItGoesOn) {
    Buckets buckets(ten_a_second(10));
    EXPECT_TRUE(buckets.take(7, 1s).has_news);
    EXPECT_FALSE(buckets.take(7, 1s).has_news) << "that is known to be told";
    EXPECT_EQ(buckets.take_untold(7, 1s), (Buckets::Untold{.tokens = 2, .missing = 200ms}));
    EXPECT_EQ(buckets.take_untold(7, 1s), Buckets::Untold{});
    EXPECT_TRUE(buckets.take(7, 1s).has_news);
    buckets.hear(7, 800ms, 1s);
    EXPECT_EQ(buckets.take(7, 1s).left, 0U) << "eight of all, one taken since, and this";
    EXPECT_FALSE(buckets.take(7, 1s).is_let_in);
    EXPECT_EQ(buckets.take_untold(7, 1s), (Buckets::Untold{.tokens = 2, .missing = 200ms}))
        << "who is refused takes none, and eight are the others'";
}

TEST(Buckets, OfALargeBucketASixteenthIsNews) {
    Buckets buckets(ten_a_second(100));
    for (int i = 0; i < 5; ++i) {
        EXPECT_FALSE(buckets.take(7, 1s).has_news);
    }
    EXPECT_TRUE(buckets.take(7, 1s).has_news);
    EXPECT_FALSE(buckets.take(7, 1s).has_news);
    EXPECT_EQ(buckets.take_untold(7, 1350ms), (Buckets::Untold{.tokens = 7, .missing = 350ms}))
        << "what has come back is told too: others may have taken theirs meanwhile";
}

TEST(Buckets, ADebtIsPaidBeforeMoreIsLetIn) {
    Buckets buckets(ten_a_second(10));
    buckets.take(7, 1s);
    buckets.take_untold(7, 1s);
    buckets.hear(7, 3s, 1s);
    EXPECT_EQ(buckets.take(7, 1s).again, 2100ms);
    EXPECT_EQ(buckets.take(7, 1s).left, 0U);
    EXPECT_TRUE(buckets.take(7, 3100ms).is_let_in);
    buckets.hear(7, 1h, 4s);
    EXPECT_EQ(buckets.take(7, 4s).full, 8100ms) << "eight buckets at most, and one token since";
    buckets.hear(7, -1h, 4s);
    EXPECT_EQ(buckets.take(7, 4s).left, 8U) << "one was taken since";
}

TEST(Buckets, NobodyHearsOfAClientThatIsForgotten) {
    Buckets buckets(ten_a_second(10));
    buckets.hear(7, 1s, 1s);
    EXPECT_EQ(buckets.take_untold(7, 1s), Buckets::Untold{});
    EXPECT_EQ(buckets.limit().used(), 0U);
}

std::string greet() { return "hello"; }
void routes(Router& router) {
    router.get<"/">(greet);
    router.get<"/alive">(greet, {.importance = Importance::critical});
}

ClientKey by_name() {
    return [](Exchange& exchange, Buffer&) { return exchange.head.find("X-Name").value_or(""); };
}

std::string ask(std::string_view name, std::string_view path = "/") {
    return concat({"GET ", path, " HTTP/1.1\r\nHost: a\r\nX-Name: ", name, "\r\n\r\n"});
}

TEST(RateLimit, MoreIs429WithRetryAfterAndHowItStands) {
    Wire wire(routes, {}, {rate_limit({.count = 1, .per = 60s, .burst = 2, .by = by_name()})});
    auto const first = wire.ask(ask("ann"));
    EXPECT_EQ(status_of(first), 200);
    EXPECT_EQ(header_of(first, "RateLimit-Policy"), "\"default\";q=2;w=120");
    EXPECT_EQ(header_of(first, "RateLimit"), "\"default\";r=1;t=60");
    EXPECT_EQ(status_of(wire.ask(ask("ann"))), 200);
    auto const third = wire.ask(ask("ann"));
    EXPECT_EQ(status_of(third), 429);
    EXPECT_EQ(header_of(third, "Retry-After"), "60");
    EXPECT_EQ(header_of(third, "RateLimit"), "\"default\";r=0;t=120");
    EXPECT_NE(body_of(third).find(R"("code":"rate_limited")"), std::string::npos);
    wire.loop.advance(60s);
    EXPECT_EQ(status_of(wire.ask(ask("ann"))), 200);
}

TEST(RateLimit, OthersCriticalRoutesAndThoseWithoutAKeyAreLeftAlone) {
    Wire wire(routes, {}, {rate_limit({.count = 1, .per = 60s, .by = by_name()})});
    EXPECT_EQ(status_of(wire.ask(ask("ann"))), 200);
    EXPECT_EQ(status_of(wire.ask(ask("ann"))), 429);
    EXPECT_EQ(status_of(wire.ask(ask("bob"))), 200);
    EXPECT_EQ(status_of(wire.ask(ask("ann", "/alive"))), 200);
    auto const unnamed = wire.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(status_of(unnamed), 200);
    EXPECT_EQ(header_of(unnamed, "RateLimit"), "(absent)");
}

struct Others final : SharedBuckets {
    void tell(runtime::Loop& loop, Buckets& buckets, std::uint64_t hash,
              const ClientDigest& client) override {
        clients.push_back(client);
        tokens.push_back(buckets.take_untold(hash, loop.now()).tokens);
    }
    std::vector<ClientDigest> clients;
    std::vector<std::uint64_t> tokens;
};

TEST(RateLimit, TheOthersAreToldOfWhatWasTaken) {
    Others others;
    Services services;
    services.add<SharedBuckets>(others);
    Wire wire(routes, {}, {rate_limit({.count = 2, .per = 60s, .by = by_name()})}, services);
    for (auto const* name : {"ann", "bob", "ann", "ann"}) {
        wire.ask(ask(name));
    }
    ASSERT_EQ(others.clients.size(), 3U) << "who is refused takes no token";
    EXPECT_EQ(others.clients[0], others.clients[2]);
    EXPECT_NE(others.clients[0], others.clients[1]);
    EXPECT_EQ(others.tokens, (std::vector<std::uint64_t>{1, 1, 1}));
    EXPECT_EQ(others.clients[0][0], 0x49) << "as sha256sum says of it";
}

TEST(RateLimit, OneOfThisProcessAloneTellsNobody) {
    Others others;
    Services services;
    services.add<SharedBuckets>(others);
    Wire wire(routes, {}, {rate_limit({.count = 2, .by = by_name(), .shared = false})}, services);
    wire.ask(ask("ann"));
    EXPECT_TRUE(others.clients.empty());
}

TEST(RateLimit, TwoOfOneNameStopTheProgram) {
    runtime::Limits limits;
    auto const one = rate_limit({.name = "a"});
    auto const other = rate_limit({.name = "b"});
    auto const again = rate_limit({.name = "a"});
    one.bounds(limits);
    other.bounds(limits);
    EXPECT_DEATH(again.bounds(limits), "only one limit is called rate_limit_a .RateLimit::name");
}

Address address(std::string_view text) { return parse_address(text).value(); }

TEST(ClientAddress, OnlyWhatTrustedProxiesAddedIsBelieved) {
    std::vector<Network> const trusted{*parse_network("10.0.0.0/8"), *parse_network("2001:db8::/32")};
    EXPECT_EQ(client_of(address("192.0.2.1"), "198.51.100.7", trusted), address("192.0.2.1"));
    EXPECT_EQ(client_of(address("10.1.2.3"), "198.51.100.7", trusted), address("198.51.100.7"));
    EXPECT_EQ(client_of(address("10.1.2.3"), "203.0.113.9, 198.51.100.7 , 10.9.9.9", trusted),
              address("198.51.100.7"))
        << "what stands before it the client may have made up";
    EXPECT_EQ(client_of(address("2001:db8::1"), "198.51.100.7:4711", trusted), address("198.51.100.7"));
    EXPECT_EQ(client_of(address("10.1.2.3"), "nonsense", trusted), address("10.1.2.3"));
    EXPECT_EQ(client_of(address("10.1.2.3"), "", trusted), address("10.1.2.3"));
}

TEST(ClientAddress, TextsThatAreNoneAreRefused) {
    for (auto const* text : {"", "x", "1.2.3", "1.2.3.4.5", "[::1", "1.2.3.4/8"}) {
        EXPECT_FALSE(parse_address(text)) << text;
    }
    for (auto const* text : {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::/129", "/8"}) {
        EXPECT_FALSE(parse_network(text)) << text;
    }
    EXPECT_TRUE(address("127.0.0.1").is_v4());
    EXPECT_EQ(address("[2001:db8::1]:80"), address("2001:db8::1"));
}

TEST(ClientAddress, NetworksAreListedWithCommas) {
    EXPECT_TRUE(parse_networks("").value().empty());
    EXPECT_TRUE(parse_networks(" ").value().empty());
    auto const both = parse_networks("127.0.0.1, 2001:db8::/32").value();
    ASSERT_EQ(both.size(), 2U);
    EXPECT_TRUE(both[0].contains(address("127.0.0.1")));
    EXPECT_TRUE(both[1].contains(address("2001:db8::7")));
    EXPECT_EQ(parse_networks("127.0.0.1, 10.0.0/8").error(), "10.0.0/8");
    EXPECT_EQ(parse_networks("127.0.0.1,,::1").error(), "");
}

TEST(ClientAddress, ANetworkOfIPv6IsOneClient) {
    EXPECT_EQ(address("2001:db8:1:2:3::4").of_one_client(), address("2001:db8:1:2:9::").of_one_client());
    EXPECT_FALSE(address("2001:db8:1:2::").of_one_client() == address("2001:db8:1:3::").of_one_client());
    EXPECT_FALSE(address("192.0.2.1").of_one_client() == address("192.0.2.2").of_one_client());
}

TEST(ClientAddress, NetworksContainTheirAddresses) {
    auto const network = *parse_network("192.0.2.128/25");
    EXPECT_TRUE(network.contains(address("192.0.2.200")));
    EXPECT_FALSE(network.contains(address("192.0.2.1")));
    EXPECT_TRUE(parse_network("::1")->contains(address("::1")));
}

}  // namespace
}  // namespace brio::http
