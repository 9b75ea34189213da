// Bytes to replies: hiredis' parser, building Reply values. Internal.
#pragma once
#include <cstddef>
#include <string_view>

#include <brio/redis/reply.hpp>

struct redisReader;

namespace brio::redis {

class ReplyReader {
public:
    /// What one reply may hold: more ends the connection, as wrong bytes do.
    struct Limits {
        std::size_t bytes = 64 * 1024 * 1024;
        std::size_t elements = 1024 * 1024;  // of one array
    };
    explicit ReplyReader(Limits limits);
    ~ReplyReader();
    ReplyReader(const ReplyReader&) = delete;
    ReplyReader& operator=(const ReplyReader&) = delete;

    void feed(std::string_view bytes);
    enum class Next : std::uint8_t { more, reply, wrong };
    /// Whether another reply is complete; reply() has it then. What `wanted` is false for is parsed and not
    /// kept.
    Next next(bool wanted);
    Reply& reply() noexcept { return reply_; }
    /// Why the bytes are wrong.
    std::string_view error() const noexcept;

private:
    struct Functions;
    Reply* place_of(void* parent) noexcept;
    redisReader* reader_;
    const Limits limits_;
    Reply reply_;
    bool wanted_ = true;
    bool too_large_ = false;
};

}  // namespace brio::redis
