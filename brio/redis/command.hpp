// One command as it goes over the wire (RESP, redis.io/docs/reference/protocol-spec): an array of bulk
// strings.
#pragma once
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include <brio/base/buffer.hpp>

namespace brio::redis {

/// `Command("SET", key, value, "PX", 300)`: a value that owns its bytes; any bytes are fit for an argument.
class Command {
public:
    template <class... Arguments>
    explicit Command(std::string_view name, const Arguments&... arguments) {
        arguments_.reserve((room_for(name) + ... + room_for(arguments)));
        add(name);
        (add(arguments), ...);
    }

    Command& add(std::string_view argument);
    template <std::integral Integer>
        requires(!std::same_as<Integer, bool> && !std::same_as<Integer, char>)
    Command& add(Integer argument) {
        return add_integer(static_cast<std::int64_t>(argument));
    }

    void append_to(Buffer& out) const;
    /// At most that many bytes on the wire.
    std::size_t size() const noexcept { return arguments_.size() + 16; }

private:
    static constexpr std::size_t frame = 26;  // the head and the end of one argument
    static std::size_t room_for(std::string_view argument) noexcept { return argument.size() + frame; }
    template <std::integral Integer>
    static std::size_t room_for(Integer) noexcept {
        return frame + 21;
    }
    Command& add_integer(std::int64_t argument);
    std::string arguments_;  // encoded, without the array's head
    std::uint32_t count_ = 0;
};

}  // namespace brio::redis
