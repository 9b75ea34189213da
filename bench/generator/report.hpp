// A load's result as one JSON object.
#pragma once
#include <bench/generator/engine.hpp>
#include <string>

namespace bench {

/// Rates in 1/s, latencies and CPU in microseconds, shares of a core between 0 and 1; README.md explains
/// every key.
std::string to_json(const LoadOptions& options, const LoadResult& result);

}  // namespace bench
