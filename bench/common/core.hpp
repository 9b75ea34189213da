// Pinning to a core, so that server and generator never share one.
#pragma once

namespace bench {

/// Pins the calling thread (and threads it starts later) to `core`; a negative core leaves it where it is.
/// Throws std::system_error when the machine has no such core.
void pin_to_core(int core);

}  // namespace bench
