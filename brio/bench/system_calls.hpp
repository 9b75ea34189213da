// Counts the system calls of another process, exactly, as a debugger would: ptrace(2).
//
// The process says where each piece of work begins, and where all of it ends, by calls that do nothing else.
// While it is watched it is slow, so that nothing is timed then. No privileges are needed where a process may
// trace its children, which some containers forbid.
#pragma once
#include <cstdint>
#include <expected>
#include <functional>
#include <string>

#include <sys/types.h>

namespace brio::bench {

/// By the process that is watched: at the begin of each piece, and once behind the last.
void mark_begin() noexcept;
void mark_end() noexcept;

/// Watches all threads of a child of this process, calls `begin` once it is watched, and gives how many
/// system calls they began in the usual piece: the median, so that what other threads do now and then does
/// not count. `but_main`: those of its first thread left out. On a failure what was wrong; the child goes on,
/// with what `begin` told it if that was called. The calling thread waits until the end mark.
std::expected<std::uint64_t, std::string> count_system_calls(pid_t child, bool but_main,
                                                             const std::function<void()>& begin);

}  // namespace brio::bench
