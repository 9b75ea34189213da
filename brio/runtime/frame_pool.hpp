// Memory of coroutine frames, recycled per thread.
//
// Frames up to 2 KiB come from free lists by 64-byte size class, bounded per thread; larger ones from
// operator new. A frame may be freed on another thread than the one that made it: it then joins that thread's
// lists. Cost on reuse: a few ns, no lock.
#pragma once
#include <cstddef>
#include <cstdint>

namespace brio::runtime {

/// Throws std::bad_alloc.
void* allocate_frame(std::size_t size);
void free_frame(void* frame, std::size_t size) noexcept;

/// Bytes that the calling thread's free lists hold; at most `most_kept_frame_bytes`.
std::size_t kept_frame_bytes() noexcept;
inline constexpr std::size_t most_kept_frame_bytes = std::size_t{4} << 20;

}  // namespace brio::runtime
