#include <brio/cache/redis_clock.hpp>

#include <brio/base/text.hpp>

namespace brio::cache {
namespace {

// Readings only grow, by the server's time and by one where that has not moved: also over a change of the
// server that took the key along.
constexpr std::string_view read_clock =
    "local now = redis.call('TIME')\n"
    "local stamp = now[1] * 1000000 + now[2]\n"
    "local last = tonumber(redis.call('HGET', KEYS[1], 'now') or '')\n"
    "if last and stamp <= last then stamp = last + 1 end\n"
    "local text = string.format('%.0f', stamp)\n"
    "redis.call('HSET', KEYS[1], 'now', text)\n"
    "if not last then redis.call('HSET', KEYS[1], 'from', text) end\n";

}  // namespace

const redis::Script& clock_script() {
    static const std::string text = concat({read_clock, "return text\n"});
    static const redis::Script script(text);
    return script;
}

const redis::Script& clear_script() {
    static const std::string text = concat(
        {read_clock, "redis.call('HSET', KEYS[1], ARGV[1], text)\n",
         "if redis.call('HLEN', KEYS[1]) > tonumber(ARGV[2]) then\n", "  redis.call('UNLINK', KEYS[1])\n",
         "  redis.call('HSET', KEYS[1], 'now', text, 'from', text)\n", "end\n",
         "if KEYS[2] then redis.call('UNLINK', KEYS[2]) end\n",
         "redis.call('PUBLISH', ARGV[3], ARGV[4] .. ' c ' .. text .. ' ' .. ARGV[5])\n", "return text\n"});
    static const redis::Script script(text);
    return script;
}

Stamp stamp_of(const redis::Reply& reply) noexcept {
    const auto number = reply.integer();
    return number && *number > 0 ? static_cast<Stamp>(*number) : 0;
}

}  // namespace brio::cache
