// A Redis of one's own use: values, scripts, messages.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include <brio/redis/client.hpp>

namespace shared_redis {

using brio::Async;
namespace redis = brio::redis;

Async<std::optional<std::string>> greeting_of(redis::Client& client, std::string user);
Async<bool> remember_greeting(redis::Client& client, std::string user, std::string greeting);
Async<std::int64_t> count_visit(redis::Client& client, std::string page);
Async<std::vector<std::string>> names_of(redis::Client& client, std::vector<std::string> users);
std::unique_ptr<redis::Subscription> follow(redis::Client& client, brio::runtime::Loop& loop,
                                            std::vector<std::string>& news);

}  // namespace shared_redis
