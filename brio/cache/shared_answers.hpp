// Finished answers in what the processes of a service share (redis_store.hpp). Internal to route_cache, fill
// and report.
#pragma once
#include <memory>

#include <brio/cache/answer_item.hpp>
#include <brio/cache/caches.hpp>
#include <brio/cache/redis_store.hpp>

namespace brio::cache {

/// What an answer has as its key there, of what it has in memory: a route's key says neither which version of
/// the program answers nor from which database.
Key shared_key(const RedisStore& store, std::string_view key);

struct SharedAnswer {
    std::shared_ptr<const AnswerItem> item;  // also kept in this process now
    bool may_begin = false;                  // what is made instead may be shared
};
/// Of the store's edition. `key` lives until the answer, `label` as long as the program. Throws Cancelled
/// only.
Async<SharedAnswer> find_shared_answer(Caches& caches, KeyView key, std::string_view label);

/// What find_shared_answer() will make an equal item of; `stamp` from RedisStore::begin(). False when it is
/// not shared.
bool put_shared_answer(Caches& caches, runtime::Loop& loop, const AnswerItem& item, Stamp stamp);

}  // namespace brio::cache
