#include <brio/http/access_log.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace brio::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

std::string line_of(LogFormat format, std::string_view client) {
    LogEntry entry;
    entry.method = Method::get;
    entry.status = 404;
    entry.set_path("/a");
    entry.set_id("id-1");
    entry.client = parse_address(client);
    Buffer out;
    append_access_line(out, format, entry, ledger::Ledger());
    return std::string(out.view());
}

TEST(AccessLog, ALineSaysWhoAskedWhereThatIsKnown) {
    EXPECT_THAT(line_of(LogFormat::text, "192.0.2.7"), EndsWith(" id id-1 client 192.0.2.7"));
    EXPECT_THAT(line_of(LogFormat::text, ""), EndsWith(" id id-1"));
    EXPECT_THAT(line_of(LogFormat::json, "2001:db8::7"), HasSubstr(R"(,"client":"2001:db8::7",)"));
    EXPECT_THAT(line_of(LogFormat::json, ""), Not(HasSubstr("client")));
}

}  // namespace
}  // namespace brio::http
