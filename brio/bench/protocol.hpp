// What `bench` and the programs that it measures say to each other: one JSON object a line, an order and its
// answer in turn, over the standard streams of a child.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <brio/bench/budgets.hpp>
#include <brio/bench/figures.hpp>

namespace brio::bench {

/// Of the protocol; programs of one number can be compared.
inline constexpr int protocol = 1;

struct Hello {
    int protocol = 0;
};

enum class Task : std::uint8_t {
    time,   // ask so often, and say how long each answer took
    count,  // ask so often, and say what one costs
    mark,   // ask so often, marked as system_calls.hpp wants it
};

struct Order {
    Task task = Task::time;
    std::string request;  // bytes
    std::uint32_t requests = 1;
};

struct Reading {
    std::vector<std::uint32_t> times_ns;
    Phases phases{};    // of these requests
    Counts counts;      // of Task::count
    int status = 0;     // of the last answer; the first that is an error ends the order
    std::string error;  // why there is no answer; empty: there is one
};

}  // namespace brio::bench
