#include <brio/cache/cache.hpp>

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

}  // namespace brio::cache
