#include <brio/app/certificate_keeper.hpp>

#include <gtest/gtest.h>

#include <brio/http/certificate_harness.hpp>

namespace brio::app {
namespace {

using http::test::Certificate;

struct CertificateKeeperTest : testing::Test {
    void become(const Certificate& other) const {
        other.write_certificate(first.path());
        other.write_key(first.key_path());
    }
    std::string names() { return keeper.tls().certificate().names; }

    Certificate first{"DNS:first.example"};
    Certificate second{"DNS:a-longer.second.example"};
    runtime::Loop loop{runtime::Loop::Time::manual};
    metrics::Registry registry;
    CertificateKeeper keeper{loop, registry, {.certificate = first.path(), .key = first.key_path()}};
};

TEST_F(CertificateKeeperTest, ChangedFilesAreReadOnceTheyRest) {
    keeper.look();
    EXPECT_EQ(names(), "DNS:first.example");
    become(second);
    keeper.look();
    EXPECT_EQ(names(), "DNS:first.example");
    keeper.look();
    EXPECT_EQ(names(), "DNS:a-longer.second.example");
}

TEST_F(CertificateKeeperTest, APairThatIsNoneIsTriedOnceAndTheOldOneStays) {
    second.write_certificate(first.path());
    for (int i = 0; i < 4; ++i) {
        keeper.look();
    }
    EXPECT_EQ(names(), "DNS:first.example");
    second.write_key(first.key_path());
    keeper.look();
    keeper.look();
    EXPECT_EQ(names(), "DNS:a-longer.second.example");
}

TEST_F(CertificateKeeperTest, ItLooksAgainAndAgain) {
    keeper.start();
    become(second);
    loop.advance(std::chrono::seconds(1));
    loop.advance(std::chrono::seconds(1));
    EXPECT_EQ(names(), "DNS:a-longer.second.example");
}

}  // namespace
}  // namespace brio::app
