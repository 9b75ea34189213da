// Idempotency-Key as a handler's parameter: a write that a client repeats under one key is done once.
//
//     Async<Created<Resource>> create(Body<NewResource> body, Idempotent once, Db db) {
//         co_return Created{co_await once.run<Resource>(db, [given = *body](Db inside) { return
//         inside.insert(resources, given); })};
//     }
//
// Without the header `write` runs by itself, at no cost. With it, the key, `write` and the kept answer are
// one transaction; a repetition within a day gets the first row again, whatever has become of it since, and
// one that comes while the first is at work waits for it. Needs idempotency_migration() among the program's
// migrations.
#pragma once
#include <brio/db/idempotency.hpp>
#include <brio/db/provide.hpp>
#include <brio/json/read.hpp>
#include <brio/json/write.hpp>

namespace brio::db {

class Idempotent {
public:
    Idempotent() = default;
    explicit Idempotent(IdempotencyClaim claim) : claim_(std::move(claim)) {}

    /// `write(Db)` gives an Async<T>; T is a struct that json reads and writes. Throws what `write` throws
    /// (the key is free again then) and IdempotencyKeys::begin()'s problems.
    template <class T, class Write>
    Async<T> run(this Idempotent self, Db db, Write write) {
        if (!self.claim_) {
            co_return co_await write(db);
        }
        auto const now = detail::now();
        auto const& claim = *self.claim_;
        // The claim belongs to the transaction: one that fails, or whose process dies, leaves the key free.
        co_return co_await db.transaction([&](Db inside) -> Async<T> {
            if (auto kept = co_await self.keys_.begin(inside, claim, now)) {
                co_return value_of<T>(kept->body);
            }
            auto value = co_await write(inside);
            Buffer body;
            json::write(body, value);
            co_await self.keys_.finish(inside, claim, {.status = 201, .body = std::string(body.view())}, now);
            co_return value;
        });
    }

private:
    template <class T>
    static T value_of(std::string_view body) {
        auto value = json::read<T>(body);
        if (!value) {
            throw StatementError(
                concat({"the answer kept under an idempotency key ", json::describe(value.error())}));
        }
        return std::move(*value);
    }

    std::optional<IdempotencyClaim> claim_;
    IdempotencyKeys keys_;
};

}  // namespace brio::db

namespace brio {
using db::Idempotent;
}

template <>
struct brio::http::Provide<brio::db::Idempotent> {
    static std::optional<brio::db::Idempotent> from(Exchange& exchange);
    static void describe(OperationSchema& operation);
};
