// Tables of AMQP 0-9-1, in RabbitMQ's types (rabbitmq.com/amqp-0-9-1-errata.html), as JSON objects. Internal:
// it shows librabbitmq.
#pragma once
#include <amqp.h>

#include <string>
#include <string_view>

namespace brio::tasks::amqp {

inline amqp_bytes_t bytes_of(std::string_view text) noexcept {
    return {text.size(), const_cast<char*>(text.data())};
}
inline std::string_view text_of(amqp_bytes_t bytes) noexcept {
    return {static_cast<const char*>(bytes.bytes), bytes.len};
}

/// `object` as Celery writes its headers: texts, integers of 32 or 64 bits, doubles, booleans, lists,
/// objects, nothing for null. What is no JSON object is an empty table. It lies in `pool`.
amqp_table_t table_of(std::string_view object, amqp_pool_t& pool);

/// As a JSON object in well-formed UTF-8; what JSON does not know (NaN, decimals) is null. Depth is limited
/// to 32: deeper is null.
std::string object_of(const amqp_table_t& table);

}  // namespace brio::tasks::amqp
