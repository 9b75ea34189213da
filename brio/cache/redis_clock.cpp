#include <brio/cache/redis_clock.hpp>

#include <brio/base/text.hpp>

namespace brio::cache {
namespace {

// Readings only grow, by the server's time and by one where that has not moved: also over a change of the
// server that took the key along.
constexpr std::string_view read_clock =
    "local now = redis.call('TIME')\n"
    "local stamp = now[1] * 1000000 + now[2]\n"
    "local last = tonumber(redis.call('GET', KEYS[1]) or '0') or 0\n"
    "if stamp <= last then stamp = last + 1 end\n"
    "local text = string.format('%.0f', stamp)\n"
    "redis.call('SET', KEYS[1], text)\n";

}  // namespace

const redis::Script& clock_script() {
    static const std::string text = concat({read_clock, "return text\n"});
    static const redis::Script script(text);
    return script;
}

const redis::Script& clear_script() {
    static const std::string text = concat(
        {read_clock, "redis.call('SET', KEYS[2], text, 'PX', ARGV[1])\n",
         "redis.call('PUBLISH', ARGV[2], ARGV[3] .. ' c ' .. text .. ' ' .. ARGV[4])\n", "return text\n"});
    static const redis::Script script(text);
    return script;
}

Stamp stamp_of(const redis::Reply& reply) noexcept {
    const auto number = reply.integer();
    return number && *number > 0 ? static_cast<Stamp>(*number) : 0;
}

}  // namespace brio::cache
