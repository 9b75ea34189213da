// Connections that do nothing: what a server pays to keep them.
#pragma once
#include <bench/generator/requests.hpp>
#include <cstdint>
#include <vector>

namespace bench {

/// Opens `connections`, sends one request on each and reads its answer, so that the server has done for each
/// whatever it does for a connection in use. Returns their descriptors, all open. Raises the process' limit
/// of open files as far as it may. Throws std::system_error or std::runtime_error (an answer that is not 2xx)
/// otherwise.
std::vector<int> open_idle_connections(std::uint16_t port, std::size_t connections, const RequestPool& pool);

}  // namespace bench
