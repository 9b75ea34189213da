// Idempotency keys: a request that a client repeats under one key is carried out once, and its answer is
// given again for a day.
//
//     auto claim = IdempotencyClaim{.key = key, .route = "POST /api/resources", .request_hash =
//     hash_of_body}; if (auto kept = co_await keys.begin(db, claim, now)) co_return replay(*kept); auto
//     answer = co_await db.transaction([&](Db inside) -> Async<…> {
//         auto row = co_await inside.insert(resources, body);
//         co_await keys.finish(inside, claim, answer_of(row), now);     // in the same commit as the row
//         co_return row;
//     });
//
// begin() claims the key durably, so that of two requests at once one works and the other is told so; within
// the transaction of the work the other waits instead (idempotent.hpp does that). A durable claim whose
// request died is free again after `claim_lasts`. The table is made by idempotency_migration(), which belongs
// among the program's migrations.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <brio/db/db.hpp>
#include <brio/db/migration.hpp>

namespace brio::db {

inline constexpr std::size_t most_idempotency_key = 255;  // characters of a key

struct IdempotencyClaim {
    std::string key;             // the Idempotency-Key field
    std::string route;           // method and pattern: one key may be used on two routes
    std::uint64_t request_hash;  // of the body: the same key with another one is refused
};

struct KeptAnswer {
    int status = 0;
    std::string body;
    std::string location;  // the Location field; empty without one
};

struct IdempotencyOptions {
    std::chrono::microseconds answers_last = std::chrono::hours(24);
    std::chrono::microseconds claim_lasts = std::chrono::minutes(1);
};

class IdempotencyKeys {
public:
    explicit IdempotencyKeys(IdempotencyOptions options = {}) noexcept : options_(options) {}

    /// The answer that is kept under the key, or nothing: then the key is claimed and the request is to be
    /// carried out. Throws Problems: 409 `idempotency_in_progress` while the first request is at work, 422
    /// `idempotency_key_reused` for another body, 422 for an empty key or one that is too long.
    Async<std::optional<KeptAnswer>> begin(this IdempotencyKeys self, Db db, IdempotencyClaim claim,
                                           Timestamp now);
    /// Keeps the answer. Within a transaction it is kept if and only if the transaction is committed.
    Async<void> finish(this IdempotencyKeys self, Db db, IdempotencyClaim claim, KeptAnswer answer,
                       Timestamp now);
    /// Gives the key back when the request failed, so that the client may try again.
    Async<void> forget(this IdempotencyKeys self, Db db, IdempotencyClaim claim);
    /// Erases what is over, at most `most` keys; gives how many. For a periodic task.
    Async<std::uint64_t> sweep(this IdempotencyKeys self, Db db, Timestamp now, std::int64_t most = 1000);

private:
    IdempotencyOptions options_;
};

/// `revision` is the name that it has among the program's migrations.
Migration idempotency_migration(std::string revision);

}  // namespace brio::db
