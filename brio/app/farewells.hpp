// How workers died that were there before, on its way to the broker (tasks/last_words.hpp).
#pragma once
#include <string>
#include <vector>

#include <brio/app/detail/program.hpp>
#include <brio/runtime/async.hpp>
#include <brio/tasks/broker.hpp>
#include <brio/tasks/last_words.hpp>

namespace brio::app {

/// Where workers of one program, user, broker and working directory on this machine tell each other how they
/// died: a folder below TMPDIR.
std::string farewell_folder(const Program& program, const tasks::Broker& broker);

/// Tells the broker, again and again while it is away, and the log.
Async<void> tell_farewells(tasks::Broker& broker, std::vector<tasks::Farewell> all);

}  // namespace brio::app
