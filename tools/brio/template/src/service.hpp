// The parts of the service, as main.cpp and the tests see them.
#pragma once
#include <brio/db/migration.hpp>
#include <brio/db/provide.hpp>
#include <brio/http/router.hpp>
#include <brio/tasks/give.hpp>

#include <chrono>
#include <cstdint>
#include <span>

#include "model.hpp"

namespace brio {
class App;
struct SeedRequest;
}  // namespace brio

namespace service {

using namespace std::chrono_literals;

// database.cpp
extern const std::span<const Migration> migrations;
Async<std::uint64_t> seed(SeedRequest request);

// routes.cpp
void routes(http::Router& api);

// tasks.cpp. The struct travels, the function runs: in a worker, and perhaps twice.
struct CountNotes {
    Id<Topic> topic_id;
    static constexpr tasks::Policy policy{
        .name = "@NAME@.count_notes", .goal = 1s, .retries = 3, .backoff = tasks::exponential(1s)};
};
struct Counted {
    std::int64_t notes;
};
Async<Counted> count_notes(CountNotes task, Db db);

// load.cpp
void add_load(App& app);

}  // namespace service
