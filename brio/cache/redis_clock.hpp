// The shared store's clock in Redis: one key, whose readings only grow. Internal.
#pragma once
#include <brio/cache/stamps.hpp>
#include <brio/redis/reply.hpp>
#include <brio/redis/script.hpp>

namespace brio::cache {

/// KEYS: the clock's. Gives a reading.
const redis::Script& clock_script();
/// Takes a reading, keeps it as when a name was last cleared, and tells a channel `SENDER c READING NAME`.
/// KEYS: the clock's, the name's. ARGV: how long it is kept (ms), the channel, the sender, the name. Gives
/// the reading.
const redis::Script& clear_script();

/// 0 for what is no reading: as good as never.
Stamp stamp_of(const redis::Reply& reply) noexcept;

}  // namespace brio::cache
