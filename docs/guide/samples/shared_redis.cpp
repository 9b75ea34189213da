#include "shared_redis.hpp"

#include <brio/redis/script.hpp>

namespace shared_redis {

// [command]
Async<std::optional<std::string>> greeting_of(redis::Client& client, std::string user) {
    auto reply = co_await client.command("HGET", "user:" + user, "greeting");
    co_return reply.is_nil() ? std::nullopt : std::optional(reply.take_text());
}
// [/command]

// [attempt]
Async<bool> remember_greeting(redis::Client& client, std::string user, std::string greeting) {
    const auto outcome =
        co_await client.attempt(redis::Command("HSET", "user:" + user, "greeting", greeting));
    co_return outcome.has_value();  // else outcome.error() has the cause, the kind of reply, and words
}
// [/attempt]

// [script]
const redis::Script counting(
    "local visits = redis.call('INCR', KEYS[1]) "
    "if visits == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end "
    "return visits");

Async<std::int64_t> count_visit(redis::Client& client, std::string page) {
    const auto outcome = co_await client.run(counting, {"visits:" + page}, {"86400"});
    co_return outcome ? outcome->integer().value_or(0) : 0;
}
// [/script]

// [batch]
Async<std::vector<std::string>> names_of(redis::Client& client, std::vector<std::string> users) {
    std::vector<redis::Command> commands;
    for (const auto& user : users) {
        commands.emplace_back("HGET", "user:" + user, "name");
    }
    const auto replies = co_await client.commands(std::move(commands));
    std::vector<std::string> names;
    for (std::size_t i = 0; replies && i < replies->size(); ++i) {
        names.emplace_back((*replies)[i].text());  // empty for who has none
    }
    co_return names;
}
// [/batch]

// [subscription]
std::unique_ptr<redis::Subscription> follow(redis::Client& client, brio::runtime::Loop& loop,
                                            std::vector<std::string>& news) {
    return client.subscribe(loop, "news",
                            {.message = [&news](std::string_view text) { news.emplace_back(text); },
                             .listening = [&news] { news.clear(); }});
}
// [/subscription]

}  // namespace shared_redis
