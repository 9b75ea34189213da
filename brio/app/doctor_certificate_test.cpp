#include <brio/app/doctor_certificate.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace brio::app {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

constexpr WallTime now = std::chrono::sys_days(std::chrono::year(2026) / 3 / 1);

http::TlsCertificate until(WallTime not_after) {
    return {.subject = "CN=shop.example",
            .names = "DNS:shop.example",
            .key = "ECDSA prime256v1",
            .not_before = now - 24h,
            .not_after = not_after};
}

TEST(DoctorCertificate, ItIsWellUntilTwoWeeksBeforeItExpires) {
    auto const well = judge_certificate("chain.pem", until(now + 24h * 14), now);
    EXPECT_EQ(well.verdict, Finding::Verdict::well);
    EXPECT_EQ(well.words,
              "chain.pem is of DNS:shop.example, ECDSA prime256v1; it expires on 2026-03-15, in 14 days");
    auto const soon = judge_certificate("chain.pem", until(now + 24h * 14 - 1s), now);
    EXPECT_EQ(soon.verdict, Finding::Verdict::note);
    EXPECT_THAT(soon.words, HasSubstr("in 13 days: renew it"));
    auto const late = judge_certificate("chain.pem", until(now), now);
    EXPECT_EQ(late.verdict, Finding::Verdict::wrong);
    EXPECT_THAT(late.words, HasSubstr("it expired on 2026-03-01: renew it"));
}

TEST(DoctorCertificate, OneThatIsNotValidYetOrHasNoNamesIsNamed) {
    auto early = until(now + 24h * 90);
    early.not_before = now + 24h;
    EXPECT_THAT(judge_certificate("a.pem", early, now).words, HasSubstr("not valid before 2026-03-02"));
    auto nameless = until(now + 24h * 90);
    nameless.names = "";
    auto const found = judge_certificate("a.pem", nameless, now);
    EXPECT_EQ(found.verdict, Finding::Verdict::note);
    EXPECT_THAT(found.words, HasSubstr("a.pem is of CN=shop.example, ECDSA prime256v1; it has no names"));
}

TEST(DoctorCertificate, AFileThatCannotBeUsedIsWrong) {
    auto const found = judge_certificate("a.pem", std::unexpected("the key is another's"), now);
    EXPECT_EQ(found.verdict, Finding::Verdict::wrong);
    EXPECT_EQ(found.words, "the key is another's");
}

TEST(DoctorCertificate, AKeyThatEveryUserCanReadIsNoted) {
    EXPECT_EQ(judge_key_file("key.pem", 0100600).verdict, Finding::Verdict::well);
    EXPECT_EQ(judge_key_file("key.pem", 0100640).verdict, Finding::Verdict::well);
    auto const open = judge_key_file("key.pem", 0100644);
    EXPECT_EQ(open.verdict, Finding::Verdict::note);
    EXPECT_THAT(open.words, HasSubstr("chmod 600 key.pem"));
}

}  // namespace
}  // namespace brio::app
