// Test-only: one process of a service whose processes share a store in Redis.
#pragma once
#include <gtest/gtest.h>

#include <brio/cache/redis_store.hpp>
#include <brio/metrics/exposition.hpp>
#include <brio/redis/test_redis.hpp>
#include <brio/runtime/run.hpp>

namespace brio::cache::test {

using namespace std::chrono_literals;
using redis::test::turn_until;

inline constexpr std::uint64_t some_type = 77;

struct Process {
    explicit Process(const redis::Address& address, RedisStoreOptions options = {})
        : store(client_of(address), generations, with_program(std::move(options))),
          table(generations.slot("resources")) {}

    redis::Client& client_of(const redis::Address& address) {
        client.emplace(redis::ClientOptions{.address = address, .timeout = 10s, .patience = 2s}, offload);
        return *client;
    }
    RedisStoreOptions with_program(RedisStoreOptions options) {
        options.program = "shop";
        options.registry = &registry;
        return options;
    }
    RedisStore::Answer get(std::string_view key = "key") {
        auto call = [](RedisStore& from, std::string_view wanted) -> Async<RedisStore::Answer> {
            co_return co_await from.get({.key = KeyView(wanted), .type = some_type, .label = "GET /a"});
        };
        return runtime::run(loop, call(store, key));
    }
    Stamp begin() { return runtime::run(loop, store.begin()); }
    Binding binding() {
        ledger::Dependencies read;
        const auto generation = generations.read(table);
        read.read({.source = &generations, .name = "resources", .item = table, .number = generation.number},
                  generation.settled);
        return Binding(read);
    }
    bool put(Stamp stamp, std::string_view payload = "value", std::string_view key = "key",
             std::vector<std::string_view> tags = {}) {
        const bool sent = store.put(loop, KeyView(key),
                                    {.type = some_type,
                                     .made = wall_now(),
                                     .fresh = 60s,
                                     .stamp = stamp,
                                     .tags = std::move(tags),
                                     .payload = payload},
                                    binding());
        if (sent) {  // and there before anybody asks
            runtime::run(loop, [](redis::Client& on) -> Async<redis::Reply> {
                co_return co_await on.command("PING");
            }(*client));
        }
        return sent;
    }
    /// Looks up, and makes it when it is not there: what was found or made.
    std::string get_or_make(std::string_view made, std::string_view key = "key",
                            std::vector<std::string_view> tags = {}) {
        auto answer = get(key);
        if (answer.found) {
            return std::string(answer.found->envelope.payload);
        }
        put(begin(), made, key, std::move(tags));
        return std::string(made);
    }
    void write() {
        generations.begin_commit(std::span(&table, 1));
        generations.end_commit(std::span(&table, 1));
    }
    void listen() {
        store.listen(loop, {.cleared =
                                [this](const Clearing& clearing) {
                                    cleared.emplace_back(clearing.what, clearing.name);
                                },
                            .in_use =
                                [this](const auto& visit) {
                                    for (const auto& [what, name] : in_use) {
                                        visit(Clearing{.what = what, .name = name});
                                    }
                                }});
        EXPECT_TRUE(turn_until(loop, [&] { return store.is_listening(); }));
    }
    /// Told to the others when it returns.
    bool clear(Clearing::What what, std::string_view name) {
        if (!store.is_listening()) {
            listen();
        }
        store.clear({.what = what, .name = name});
        return turn_until(loop, [&] { return store.pending() == 0; });
    }
    double counted(std::string_view series) {
        Buffer text;
        metrics::write_exposition(text, registry, metrics::Exposition::prometheus);
        const auto at = text.view().find(concat({"\n", series, " "}));
        return at == std::string_view::npos
                   ? 0
                   : std::strtod(std::string(text.view().substr(at + series.size() + 2, 20)).c_str(),
                                 nullptr);
    }

    using Named = std::pair<Clearing::What, std::string>;
    metrics::Registry registry;
    runtime::Loop loop;
    runtime::OffloadPool offload{{.threads = 1}};
    sql::Generations generations;
    std::vector<Named> cleared;
    std::vector<Named> in_use;
    std::optional<redis::Client> client;
    RedisStore store;
    sql::Generations::Slot table;
};

}  // namespace brio::cache::test
