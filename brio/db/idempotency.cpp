#include <brio/db/idempotency.hpp>

#include <brio/db/error.hpp>
#include <brio/http/problem.hpp>

namespace brio::db {

namespace {

constexpr std::string_view table_name = "brio_idempotency";

struct Kept {
    std::int64_t request_hash;
    std::int64_t status;  // 0: claimed, not finished
    std::string body;
    std::string location;
};

Async<std::optional<Kept>> find(Db db, IdempotencyClaim claim) {
    auto rows = co_await db.query<Kept>(Reads{table_name},
                                        "SELECT request_hash, status, body, location FROM brio_idempotency "
                                        "WHERE idempotency_key = $1 AND route = $2",
                                        claim.key, claim.route);
    std::optional<Kept> found;
    if (!rows.empty()) {
        found = std::move(rows.front());
    }
    co_return found;
}

std::int64_t stored(std::uint64_t hash) { return static_cast<std::int64_t>(hash); }

}  // namespace

Async<std::optional<KeptAnswer>> IdempotencyKeys::begin(this IdempotencyKeys self, Db db,
                                                        IdempotencyClaim claim, Timestamp now) {
    if (claim.key.empty() || claim.key.size() > most_idempotency_key) {
        throw http::invalid(http::In::header, "Idempotency-Key", "must have 1 to 255 characters");
    }
    // One statement claims the key when it is new, over, or its claim has ended; else it changes nothing.
    const std::int64_t claimed_until = now.microseconds + self.options_.claim_lasts.count();
    const auto claimed = co_await db.execute(
        Writes{table_name},
        "INSERT INTO brio_idempotency(idempotency_key, route, request_hash, status, body, location, ends_at) "
        "VALUES ($1, $2, $3, 0, '', '', $4) "
        "ON CONFLICT (idempotency_key, route) DO UPDATE SET request_hash = excluded.request_hash, status = "
        "0, body = '', "
        "location = '', ends_at = excluded.ends_at WHERE brio_idempotency.ends_at <= $5",
        claim.key, claim.route, stored(claim.request_hash), claimed_until, now.microseconds);
    std::optional<KeptAnswer> answer;
    if (claimed != 0) {
        co_return answer;
    }
    auto kept = co_await find(db, claim);
    if (!kept || kept->status == 0) {
        throw http::conflict("idempotency_in_progress",
                             "the first request with this Idempotency-Key is still at work: try again");
    }
    if (kept->request_hash != stored(claim.request_hash)) {
        throw http::Problem(422, "idempotency_key_reused",
                            "this Idempotency-Key was used for another request body");
    }
    answer = KeptAnswer{static_cast<int>(kept->status), std::move(kept->body), std::move(kept->location)};
    co_return answer;
}

Async<void> IdempotencyKeys::finish(this IdempotencyKeys self, Db db, IdempotencyClaim claim,
                                    KeptAnswer answer, Timestamp now) {
    co_await db.execute(Writes{table_name},
                        "UPDATE brio_idempotency SET status = $1, body = $2, location = $3, ends_at = $4 "
                        "WHERE idempotency_key = $5 AND route = $6",
                        answer.status, std::move(answer.body), std::move(answer.location),
                        now.microseconds + self.options_.answers_last.count(), claim.key, claim.route);
}

Async<void> IdempotencyKeys::forget(this IdempotencyKeys, Db db, IdempotencyClaim claim) {
    co_await db.execute(
        Writes{table_name},
        "DELETE FROM brio_idempotency WHERE idempotency_key = $1 AND route = $2 AND status = 0", claim.key,
        claim.route);
}

Async<std::uint64_t> IdempotencyKeys::sweep(this IdempotencyKeys, Db db, Timestamp now, std::int64_t most) {
    co_return co_await db.execute(
        Writes{table_name},
        "DELETE FROM brio_idempotency WHERE id IN "
        "(SELECT id FROM brio_idempotency WHERE ends_at <= $1 ORDER BY ends_at LIMIT $2)",
        now.microseconds, most);
}

Migration idempotency_migration(std::string revision) {
    return {std::move(revision),
            up(create_table(std::string(table_name), {{"id", column::id},
                                                      {"idempotency_key", column::text()},
                                                      {"route", column::text()},
                                                      {"request_hash", column::integer},
                                                      {"status", column::integer},
                                                      {"body", column::text()},
                                                      {"location", column::text()},
                                                      {"ends_at", column::integer}}),
               create_index("idx_brio_idempotency_key", std::string(table_name), {"idempotency_key", "route"},
                            unique),
               create_index("idx_brio_idempotency_ends", std::string(table_name), {"ends_at"})),
            down(drop_table(std::string(table_name)))};
}

}  // namespace brio::db
