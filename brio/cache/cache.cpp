#include <brio/cache/cache.hpp>

#include <brio/cache/redis_store.hpp>
#include <brio/sql/cursor.hpp>

namespace brio::cache {

namespace detail {

void write_query(KeyWriter& key, const db::Db& db, const db::Query& query) {
    // The secret that belongs to the database tells it from others, in every process, and stays one.
    key.word('$', sql::siphash(db.database().cursor_key(), "cache"));
    key.word('#', query.statement->fingerprint()).word('l', query.values.size());
    Buffer values;
    query.values.append_key(values);
    key.bytes('b', values.view());
}

}  // namespace detail

Key Cache::own_key(const Key& key) {
    Buffer bytes;
    KeyWriter(bytes).bytes('=', key.bytes());
    return Key(std::string(bytes.view()));
}

// The others first: what this process fetches of them meanwhile was begun before its own drop, and is not
// kept after it.

Async<bool> Cache::drop_everywhere(Caches& caches, Key key) {
    const bool all = caches.shared() == nullptr || co_await caches.shared()->drop(key.bytes());
    caches.drop(key);
    co_return all;
}

Async<bool> Cache::clear_everywhere(Caches& caches, std::string tag) {
    const bool all = caches.shared() == nullptr || co_await caches.shared()->clear(Clearing::What::tag, tag);
    caches.clear_tag(tag);
    co_return all;
}

}  // namespace brio::cache
