#include <brio/runtime/frame_pool.hpp>

#include <array>
#include <new>
#include <utility>

namespace brio::runtime {
namespace {

constexpr std::size_t class_bytes = 64;
constexpr std::size_t largest_recycled = 2048;

struct FreeFrame {
    FreeFrame* next;
};

struct FreeLists {
    std::array<FreeFrame*, largest_recycled / class_bytes + 1> heads{};
    std::size_t kept_bytes = 0;
    bool ended = false;  // thread-exit destructors of coroutine owners may run after this object's

    ~FreeLists() {
        ended = true;
        for (auto*& head : heads) {
            while (head != nullptr) {
                ::operator delete(std::exchange(head, head->next));
            }
        }
    }
};

thread_local FreeLists lists;

constexpr std::size_t size_class(std::size_t size) { return (size + class_bytes - 1) / class_bytes; }

}  // namespace

void* allocate_frame(std::size_t size) {
    if (size > largest_recycled) {
        return ::operator new(size);
    }
    auto const at = size_class(size);
    auto*& head = lists.heads[at];
    if (head == nullptr) {
        return ::operator new(at * class_bytes);
    }
    lists.kept_bytes -= at * class_bytes;
    return std::exchange(head, head->next);
}

void free_frame(void* frame, std::size_t size) noexcept {
    auto const at = size_class(size);
    if (size > largest_recycled || lists.ended ||
        lists.kept_bytes + at * class_bytes > most_kept_frame_bytes) {
        ::operator delete(frame);
        return;
    }
    auto* freed = static_cast<FreeFrame*>(frame);
    freed->next = lists.heads[at];
    lists.heads[at] = freed;
    lists.kept_bytes += at * class_bytes;
}

std::size_t kept_frame_bytes() noexcept { return lists.kept_bytes; }

}  // namespace brio::runtime
