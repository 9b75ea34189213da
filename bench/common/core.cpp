#include <bench/common/core.hpp>

#include <sched.h>
#include <cerrno>
#include <string>
#include <system_error>

namespace bench {

void pin_to_core(int core) {
    if (core < 0) {
        return;
    }
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(static_cast<std::size_t>(core), &cores);
    if (sched_setaffinity(0, sizeof cores, &cores) != 0) {
        throw std::system_error(errno, std::generic_category(), "pinning to core " + std::to_string(core));
    }
}

}  // namespace bench
