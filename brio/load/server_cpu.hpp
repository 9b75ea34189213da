// The server of a load test, when it runs on this machine: which processes it is, and the CPU they use.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <brio/runtime/resolve.hpp>

namespace brio::load {

/// Whether its address is one of this machine.
bool is_of_this_machine(const runtime::Endpoint& endpoint);
/// The processes that have a TCP socket which listens on `port`, as far as /proc shows them to this process.
/// Cost: reads every process' descriptors.
std::vector<pid_t> processes_listening_on(std::uint16_t port);

/// CPU time that `processes` have used, threads that have ended included; nothing when there are no processes
/// or one of them has ended.
std::optional<std::chrono::nanoseconds> cpu_time_of(std::span<const pid_t> processes);

}  // namespace brio::load
