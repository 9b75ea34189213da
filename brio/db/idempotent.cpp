#include <brio/db/idempotent.hpp>

#include <brio/http/route.hpp>

#include <xxhash.h>

namespace brio::http {

std::optional<db::Idempotent> Provide<db::Idempotent>::from(Exchange& exchange) {
    auto const key = exchange.head.find(Known::idempotency_key);
    if (!key) {
        return db::Idempotent();
    }
    if (key->empty() || key->size() > db::most_idempotency_key) {
        exchange.errors.add(In::header, "Idempotency-Key", "must have 1 to 255 characters");
        return std::nullopt;
    }
    return db::Idempotent(
        {.key = std::string(*key),
         .route = concat({method_name(exchange.head.method()), " ", exchange.route->pattern}),
         .request_hash = XXH3_64bits(exchange.body.data(), exchange.body.size())});
}

void Provide<db::Idempotent>::describe(OperationSchema& operation) {
    operation.parameter(
        {.in = In::header,
         .name = "Idempotency-Key",
         .schema = R"({"type":"string","minLength":1,"maxLength":255})",
         .description = "A repetition under the same key within 24 hours gets the first answer again"});
}

}  // namespace brio::http
