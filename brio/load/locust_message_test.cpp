#include <brio/load/locust_message.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace brio::load::locust {
namespace {

using testing::HasSubstr;

// What Locust 2.12.1's own worker and master sent each other, in hexadecimal. In the stats the failure's key,
// a hash there, stands as it is made here.
constexpr std::string_view worker = "vm_f4e7018f9964466fb2c0dcabba4374ac";
constexpr std::string_view heartbeat =
    "93a968656172746265617483a57374617465a57265616479b163757272656e745f6370755f7573616765cb0000000000"
    "000000b463757272656e745f6d656d6f72795f7573616765ce03571000d923766d5f6634653730313866393936343436"
    "366662326330646361626261343337346163";
constexpr std::string_view spawning =
    "93a8737061776e696e67c0d923766d5f6634653730313866393936343436366662326330646361626261343337346163";
constexpr std::string_view spawning_complete =
    "93b1737061776e696e675f636f6d706c65746582b2757365725f636c61737365735f636f756e7482a15502a15601aa75"
    "7365725f636f756e7403d923766d5f6634653730313866393936343436366662326330646361626261343337346163";
constexpr std::string_view leaving =
    "93a471756974c0d923766d5f6634653730313866393936343436366662326330646361626261343337346163";
constexpr std::string_view stats =
    "93a5737461747385a57374617473928ea46e616d65a22f61a66d6574686f64a3474554b66c6173745f72657175657374"
    "5f74696d657374616d70cb41dac1f9964ab10caa73746172745f74696d65cb41dac1f995bd47c9ac6e756d5f72657175"
    "6573747318b16e756d5f6e6f6e655f726571756573747300ac6e756d5f6661696c7572657300b3746f74616c5f726573"
    "706f6e73655f74696d65cb407299999999999ab16d61785f726573706f6e73655f74696d65cb4028cccccccccccdb16d"
    "696e5f726573706f6e73655f74696d65cb4028cccccccccccdb4746f74616c5f636f6e74656e745f6c656e677468cd09"
    "60ae726573706f6e73655f74696d6573810c18b06e756d5f726571735f7065725f73656384ce6b07e65602ce6b07e657"
    "0ace6b07e6580ace6b07e65902b06e756d5f6661696c5f7065725f736563808ea46e616d65a22f62a66d6574686f64a4"
    "504f5354b66c6173745f726571756573745f74696d657374616d70cb41dac1f9964ab11caa73746172745f74696d65cb"
    "41dac1f995bd47f5ac6e756d5f726571756573747318b16e756d5f6e6f6e655f726571756573747300ac6e756d5f6661"
    "696c7572657318b3746f74616c5f726573706f6e73655f74696d65cb40818ccccccccccbb16d61785f726573706f6e73"
    "655f74696d65cb4037666666666666b16d696e5f726573706f6e73655f74696d65cb4037666666666666b4746f74616c"
    "5f636f6e74656e745f6c656e67746800ae726573706f6e73655f74696d6573811718b06e756d5f726571735f7065725f"
    "73656384ce6b07e65602ce6b07e6570ace6b07e6580ace6b07e65902b06e756d5f6661696c5f7065725f73656384ce6b"
    "07e65602ce6b07e6570ace6b07e6580ace6b07e65902ab73746174735f746f74616c8ea46e616d65aa41676772656761"
    "746564a66d6574686f64a0b66c6173745f726571756573745f74696d657374616d70cb41dac1f9964ab118aa73746172"
    "745f74696d65cb41dac1f995bd36cdac6e756d5f726571756573747330b16e756d5f6e6f6e655f726571756573747300"
    "ac6e756d5f6661696c7572657318b3746f74616c5f726573706f6e73655f74696d65cb408ad99999999994b16d61785f"
    "726573706f6e73655f74696d65cb4037666666666666b16d696e5f726573706f6e73655f74696d65cb4028cccccccccc"
    "cdb4746f74616c5f636f6e74656e745f6c656e677468cd0960ae726573706f6e73655f74696d6573820c181718b06e75"
    "6d5f726571735f7065725f73656384ce6b07e65604ce6b07e65714ce6b07e65814ce6b07e65904b06e756d5f6661696c"
    "5f7065725f73656384ce6b07e65602ce6b07e6570ace6b07e6580ace6b07e65902a66572726f727381ba504f53542e2f"
    "622e56616c75654572726f7228276e6f7065272984a46e616d65a22f62a66d6574686f64a4504f5354a56572726f72b2"
    "56616c75654572726f7228276e6f70652729ab6f6363757272656e63657318b2757365725f636c61737365735f636f75"
    "6e7482a15502a15601aa757365725f636f756e7403d923766d5f66346537303138663939363434363666623263306463"
    "61626261343337346163";
constexpr std::string_view spawn =
    "93a5737061776e85a974696d657374616d70cb41dac1f995bb1256b2757365725f636c61737365735f636f756e7482a1"
    "5502a15601a4686f7374c0ac73746f705f74696d656f7574c0ae7061727365645f6f7074696f6e73de0032aa6c6f6375"
    "737466696c65ad6c6f6375737466696c652e7079a6636f6e666967c0a4686f7374c0a96e756d5f757365727303aa7370"
    "61776e5f72617465cb4008000000000000aa68617463685f7261746500a872756e5f74696d6504ad6c6973745f636f6d"
    "6d616e6473c2a87765625f686f7374a0a87765625f706f7274cd1f99a8686561646c657373c3a96175746f7374617274"
    "c2a86175746f71756974ffa76865616466756cc2a87765625f61757468c0a8746c735f63657274a0a7746c735f6b6579"
    "a0ac636c6173735f7069636b6572c2a66d6173746572c3b06d61737465725f62696e645f686f7374a12ab06d61737465"
    "725f62696e645f706f7274cd3cd3ae6578706563745f776f726b65727301b76578706563745f776f726b6572735f6d61"
    "785f7761697400ad6578706563745f736c61766573c2a6776f726b6572c2a5736c617665c2ab6d61737465725f686f73"
    "74a93132372e302e302e31ab6d61737465725f706f7274cd15b5a474616773c0ac6578636c7564655f74616773c0aa63"
    "73765f707265666978c0b573746174735f686973746f72795f656e61626c6564c2ab7072696e745f7374617473c2ac6f"
    "6e6c795f73756d6d617279c2ab72657365745f7374617473c2a968746d6c5f66696c65c0ae736b69705f6c6f675f7365"
    "747570c2a86c6f676c6576656ca4494e464fa76c6f6766696c65c0a9737465705f6c6f6164c2aa737465705f75736572"
    "73c0ac737465705f636c69656e7473c2a9737465705f74696d65c0af73686f775f7461736b5f726174696fc2b473686f"
    "775f7461736b5f726174696f5f6a736f6ec2b2657869745f636f64655f6f6e5f6572726f7201ac73746f705f74696d65"
    "6f7574c0ad657175616c5f77656967687473c2b2656e61626c655f726562616c616e63696e67c2ac757365725f636c61"
    "7373657390d923766d5f6634653730313866393936343436366662326330646361626261343337346163";
constexpr std::string_view ack =
    "93a361636b81a5696e64657800d923766d5f663465373031386639393634343636666232633064636162626134333734"
    "6163";
constexpr std::string_view quit =
    "93a471756974c0d923766d5f6634653730313866393936343436366662326330646361626261343337346163";

std::string bytes_of(std::string_view hexadecimal) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hexadecimal.size(); i += 2) {
        bytes.push_back(static_cast<char>(std::stoi(std::string(hexadecimal.substr(i, 2)), nullptr, 16)));
    }
    return bytes;
}

std::string with(std::string text, std::string_view old, std::string_view fresh) {
    return text.replace(text.find(old), old.size(), fresh);
}

TEST(LocustMessage, IsWrittenAsLocustsWorkerDoes) {
    EXPECT_EQ(write(worker, Heartbeat{.state = State::ready, .memory_bytes = 56'037'376}),
              bytes_of(heartbeat));
    EXPECT_EQ(write(worker, Spawning()), bytes_of(spawning));
    EXPECT_EQ(write(worker, SpawningComplete{{{"U", 2}, {"V", 1}}}), bytes_of(spawning_complete));
    EXPECT_EQ(write(worker, Leaving()), bytes_of(leaving));
}

TEST(LocustMessage, StatsAreWrittenAsLocustsWorkerDoes) {
    const Entry a{.name = "/a",
                  .method = "GET",
                  .last_request = 1795679833.167056,
                  .start = 1795679830.9575064,
                  .requests = 24,
                  .total_ms = 297.6,
                  .max_ms = 12.4,
                  .min_ms = 12.4,
                  .bytes = 2400,
                  .times_ms = {{12, 24}},
                  .requests_at = {{1795679830, 2}, {1795679831, 10}, {1795679832, 10}, {1795679833, 2}},
                  .failures_at = {}};
    const Entry b{.name = "/b",
                  .method = "POST",
                  .last_request = 1795679833.16706,
                  .start = 1795679830.957517,
                  .requests = 24,
                  .failures = 24,
                  .total_ms = 561.5999999999998,
                  .max_ms = 23.4,
                  .min_ms = 23.4,
                  .times_ms = {{23, 24}},
                  .requests_at = a.requests_at,
                  .failures_at = a.requests_at};
    const Entry total{.name = "Aggregated",
                      .method = "",
                      .last_request = 1795679833.167059,
                      .start = 1795679830.9564698,
                      .requests = 48,
                      .failures = 24,
                      .total_ms = 859.1999999999994,
                      .max_ms = 23.4,
                      .min_ms = 12.4,
                      .bytes = 2400,
                      .times_ms = {{12, 24}, {23, 24}},
                      .requests_at = {{1795679830, 4}, {1795679831, 20}, {1795679832, 20}, {1795679833, 4}},
                      .failures_at = a.requests_at};
    const Stats told{
        .entries = {a, b},
        .total = total,
        .failures = {{.name = "/b", .method = "POST", .text = "ValueError('nope')", .count = 24}},
        .users = {{"U", 2}, {"V", 1}}};
    EXPECT_EQ(write(worker, told), bytes_of(stats));
}

TEST(LocustMessage, AWorkerSaysThatItIsNoLocust) {
    EXPECT_EQ(write("w", Ready()),
              "\x93\xac"
              "client_ready\xff\xa1w");
}

TEST(LocustMessage, TextThatIsNoUtf8IsMadeGood) {
    EXPECT_THAT(write("w", Exception{.text = "\xff", .traceback = {}}), HasSubstr("\xef\xbf\xbd"));
}

TEST(LocustMessage, ASpawnOfLocustsMasterIsRead) {
    const auto order = read(bytes_of(spawn));
    ASSERT_TRUE(order) << order.error();
    const auto* read = std::get_if<Spawn>(&*order);
    ASSERT_NE(read, nullptr);
    EXPECT_EQ(read->timestamp, 1795679830.9229941);
    EXPECT_EQ(read->users, (UserCounts{{"U", 2}, {"V", 1}}));
    EXPECT_EQ(read->host, "");
    EXPECT_EQ(read->stop_timeout_seconds, 0);
}

TEST(LocustMessage, OrdersOfLocustsMasterAreRead) {
    EXPECT_EQ(std::get<Ack>(*read(bytes_of(ack))).index, 0u);
    EXPECT_TRUE(std::holds_alternative<Quit>(*read(bytes_of(quit))));
    EXPECT_TRUE(std::holds_alternative<Stop>(*read("\x93\xa4stop\xc0\xa1w")));
    EXPECT_TRUE(std::holds_alternative<Reconnect>(*read("\x93\xa9reconnect\xc0\xa1w")));
    EXPECT_EQ(std::get<Other>(*read("\x93\xa4mine\xc0\xa1w")).type, "mine");
}

TEST(LocustMessage, WhatASpawnMaySayBesidesIsRead) {
    const auto order = read(
        "\x93\xa5spawn\x84\xa9timestamp\x07\xb2user_classes_count\x81\xa1U\xcc\xc8"
        "\xa4host\xb0http://127.0.0.1\xacstop_timeout\x05\xa1w");
    ASSERT_TRUE(order) << order.error();
    EXPECT_EQ(std::get<Spawn>(*order).users, (UserCounts{{"U", 200}}));
    EXPECT_EQ(std::get<Spawn>(*order).host, "http://127.0.0.1");
    EXPECT_EQ(std::get<Spawn>(*order).stop_timeout_seconds, 5);
}

TEST(LocustMessage, WhatIsNoMessageIsRefusedWithTheReason) {
    const auto why = [](std::string_view frame) {
        const auto order = read(frame);
        return order ? std::string("it was read") : order.error();
    };
    EXPECT_THAT(why(""), HasSubstr("MessagePack"));
    EXPECT_THAT(why("\xc1"), HasSubstr("MessagePack"));
    EXPECT_THAT(why(bytes_of(spawn).substr(0, 300)), HasSubstr("MessagePack"));
    EXPECT_THAT(why("\x92\xa4stop\xc0"), HasSubstr("array"));
    EXPECT_THAT(why("\x93\xa4stop\xc0\xa1w!"), HasSubstr("array"));
    EXPECT_THAT(why("\x93\x01\xc0\xa1w"), HasSubstr("type"));
    EXPECT_THAT(why("\x93\xa5spawn\xc0\xa1w"), HasSubstr("timestamp"));
    EXPECT_THAT(why(with(bytes_of(spawn), "user_classes_count", "user_classes_c0unt")), HasSubstr("users"));
    EXPECT_THAT(why(with(bytes_of(spawn), "\xa1U\x02", "\xa1U\xc0")), HasSubstr("users"));
    EXPECT_THAT(why(with(bytes_of(spawn), "\xa1U\x02", "\xa1U\xff")), HasSubstr("users"));
    EXPECT_THAT(why(with(bytes_of(spawn), "\xa1U\x02", "\xa1U\xce\xff\xff\xff\xff")),
                HasSubstr("more than 1000000 users"));
    EXPECT_THAT(why(std::string(largest_frame + 1, '\xc0')), HasSubstr("bytes"));
    EXPECT_THAT(why(std::string(1000, '\x91') + '\xc0'), HasSubstr("MessagePack"));
}

TEST(LocustMessage, TimesKeepTwoOrThreeDigits) {
    EXPECT_EQ(rounded_ms(0.3), 0);
    EXPECT_EQ(rounded_ms(12.5), 12);  // half to even
    EXPECT_EQ(rounded_ms(99.4), 99);
    EXPECT_EQ(rounded_ms(147), 150);
    EXPECT_EQ(rounded_ms(234.2), 230);
    EXPECT_EQ(rounded_ms(3'432), 3'400);
    EXPECT_EQ(rounded_ms(58'760), 59'000);
}

}  // namespace
}  // namespace brio::load::locust
