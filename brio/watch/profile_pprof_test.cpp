#include <gtest/gtest.h>

#include <brio/base/text.hpp>
#include <brio/watch/cpu_profile.hpp>

namespace brio::watch {
namespace {

using namespace std::chrono_literals;

// A message's fields in order, as "1=5" and "6=text" lines; those named in `inner` as "2{…}".
std::string read(std::string_view bytes, const std::function<bool(std::uint64_t)>& is_message) {
    std::string text;
    const auto varint = [&] {
        std::uint64_t value = 0;
        for (unsigned shift = 0;; shift += 7) {
            const auto byte = static_cast<unsigned char>(bytes.at(0));
            bytes.remove_prefix(1);
            value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
            if (byte < 0x80) {
                return value;
            }
        }
    };
    while (!bytes.empty()) {
        const auto key = varint();
        text += text.empty() ? "" : " ";
        text += std::to_string(key >> 3U);
        if ((key & 7U) == 0) {
            text += "=" + std::to_string(varint());
            continue;
        }
        EXPECT_EQ(key & 7U, 2U) << "no other wire type is written";
        const auto size = varint();
        const auto part = bytes.substr(0, size);
        EXPECT_EQ(part.size(), size);
        bytes.remove_prefix(size);
        if (is_message(key >> 3U)) {
            text += "{" + read(part, [](std::uint64_t) { return false; }) + "}";
        } else {
            text += "=" + std::string(part);
        }
    }
    return text;
}

CpuProfile shop() {
    CpuProfile profile;
    profile.stacks = {{.frames = {"/a", "f", "g"}, .ns = 300, .samples = 3},
                      {.frames = {"/a", "[wait] db"}, .ns = 9, .is_wait = true},
                      {.frames = {"[thread] api", "f"}, .ns = 1, .samples = 1},
                      {.frames = {"app.worker.a", "f"}, .ns = 1, .samples = 1}};
    return profile;
}

TEST(Pprof, HasFunctionsValuesAndLabelsByTheirPlaces) {
    const auto text =
        read(pprof(shop(), {.program = "shop", .began = 5s, .took = 2s, .hz = 100}),
             [](std::uint64_t field) { return field == 1 || field == 3 || field == 5 || field == 11; });
    EXPECT_TRUE(text.starts_with("1{1=1 2=2} 1{1=3 2=4} 1{1=5 2=4} 2=")) << text;
    EXPECT_NE(text.find(" 3{1=1 5=12 7=1} "), text.npos) << text;
    EXPECT_NE(text.find(" 5{1=1 2=16 3=16} "), text.npos) << text;
    EXPECT_TRUE(
        text.ends_with(" 9=5000000000 10=2000000000 11{1=3 2=4} 12=10000000 14=3 6= 6=samples 6=count "
                       "6=cpu 6=nanoseconds 6=wait 6=route 6=/a 6=thread 6=api 6=task 6=app.worker.a "
                       "6=shop 6=[thread] api 6=[wait] db 6=f 6=g"))
        << text;
}

TEST(Pprof, ASampleBeginsWithTheInnermostFunction) {
    const auto text =
        read(pprof(shop(), {.program = "shop"}), [](std::uint64_t field) { return field == 2; });
    EXPECT_NE(text.find(concat({" 2{1=", "\x01\x02\x03", " 2=", std::string("\x03\xac\x02\0", 4),
                                " 3=", "\x08\x06\x10\x07", "}"})),
              text.npos)
        << "g, f, /a; three samples of 300 ns; the label route";
    EXPECT_NE(text.find(concat(
                  {" 2{1=", "\x04\x03", " 2=", std::string("\0\0\x09", 3), " 3=", "\x08\x06\x10\x07", "}"})),
              text.npos)
        << "a wait has no samples";
}

}  // namespace
}  // namespace brio::watch
