// The shared store's clock in Redis, whose readings only grow, and when what was last cleared. Internal.
//
// All of it is one hash, which every reading touches: it may be evicted as anything else, but only whole, and
// then it is begun anew. Its fields: `now`, the last reading; `from`, the one it was begun with; the others
// are names and when they were cleared. Names that it does not have were cleared before `from`, or never.
#pragma once
#include <brio/cache/stamps.hpp>
#include <brio/redis/reply.hpp>
#include <brio/redis/script.hpp>

namespace brio::cache {

/// KEYS: the hash's. Gives a reading.
const redis::Script& clock_script();
/// Takes a reading, keeps it as when a field's name was last cleared, and tells a channel `SENDER c READING
/// NAME`. A hash of more than so many fields is begun anew. KEYS: the hash's, a value's that ends, if any.
/// ARGV: the field, how many there may be, the channel, the sender, the name. Gives the reading.
const redis::Script& clear_script();

/// 0 for what is no reading: as good as never.
Stamp stamp_of(const redis::Reply& reply) noexcept;

}  // namespace brio::cache
