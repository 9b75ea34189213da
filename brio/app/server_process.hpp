// The server process: threads that serve the API, one for the admin pages, their database and offload
// threads; until it is drained.
#pragma once
#include <brio/app/detail/program.hpp>
#include <brio/app/server_start.hpp>

namespace brio::app {

/// Serves until SIGTERM, then drains: /readyz says 503, after `settings.drain_wait` new connections are
/// turned away, those that wait are accepted and answered, answers say close, and what is still under way
/// after `settings.grace` is stopped. At signal_of_retirement it does the same, but that the service goes on:
/// /readyz says so, and nobody is turned away. Gives the exit status, 0. Throws what keeps it from starting.
/// Both signals must be blocked in the calling thread.
int run_server(Program& program, const Settings& settings, const ServerStart& start);

}  // namespace brio::app
