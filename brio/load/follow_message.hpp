// What a leader of a load test and those who make the load for it tell each other: frames of JSON on one
// connection, each behind its length (four bytes, the highest first). Version 1.
//
//     follower                       leader
//     Hello                     ->
//                               <-   Refuse, and the end; or, each second, GoOn
//                               <-   Begin
//     Counted, each second      ->
//                               <-   Stop, if it is to end early
//     Ended or Failed           ->
//
// Everything of a stranger is checked: a message is what it says or none.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <brio/load/outcome.hpp>
#include <brio/load/plan.hpp>
#include <brio/load/record.hpp>
#include <brio/load/request.hpp>
#include <brio/load/share.hpp>
#include <brio/load/wait.hpp>

namespace brio::load::follow {

inline constexpr int version = 1;
/// Of one frame: of a peer who has not greeted, and of one who has.
inline constexpr std::size_t most_greeting = std::size_t{64} << 10;
inline constexpr std::size_t most_frame = std::size_t{32} << 20;

struct Hello {
    static constexpr bool open_object = true;  // other versions say more
    int version = 0;
    std::string secret;
    std::string scenario;            // empty: it has none, and sends any request
    std::vector<std::string> types;  // of users
};
struct Refuse {
    std::string why;
};
struct Begin {
    Plan plan;  // the whole
    Share share;
    std::optional<Request> request;  // without a scenario
    Wait wait = none();
};
/// Since the last time.
struct Counted {
    std::chrono::nanoseconds at{};  // since the first stage's begin; negative in the warm-up
    std::size_t users = 0;
    Record record;
};
/// All of it.
struct Ended {
    std::chrono::nanoseconds counted{};
    CpuUse cpu;
    std::uint64_t most_users = 0;
    bool was_interrupted = false;
    Record record;
};
struct Failed {
    std::string why;
};
struct Stop {};
struct GoOn {};
using Message = std::variant<Hello, Refuse, Begin, Counted, Ended, Failed, Stop, GoOn>;

std::string frame_of(const Message& message);

/// Bytes in, messages out.
class FrameReader {
public:
    explicit FrameReader(std::size_t most = most_greeting) : most_(most) {}

    void allow(std::size_t most) noexcept { most_ = most; }
    void append(std::string_view bytes) { bytes_.append(bytes); }
    /// The next one that is whole; none: more bytes are needed. Else why the peer is none of these: nothing
    /// can be read after that.
    std::expected<std::optional<Message>, std::string> next();

private:
    std::size_t most_;
    std::string bytes_;
};

}  // namespace brio::load::follow
