// A bell that all processes of this machine share which use one file: whoever waits is woken within
// microseconds, and waiting costs nothing (futex(2) on a page of the file).
#pragma once
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <thread>

namespace brio::tasks {

class SharedBell {
public:
    /// Maps the file, made when absent. `rung()` is called on a thread of the bell's after one or more rings
    /// of any process, this one included. Throws std::system_error when the file cannot be had.
    SharedBell(const std::filesystem::path& file, std::function<void()> rung);
    SharedBell(const SharedBell&) = delete;
    SharedBell& operator=(const SharedBell&) = delete;
    ~SharedBell();

    /// Any thread, never waits. Cost while no process listens: an addition.
    void ring() noexcept;
    /// While `listen(true)` was called oftener than `listen(false)`, rings are heard. Any thread.
    void listen(bool listens) noexcept;

private:
    /// What the file holds. Four bytes each, as the kernel compares them.
    struct Page {
        std::atomic<std::uint32_t> rings;
        /// Who listens, of all processes. One that was killed stays counted: rings cost a system call then.
        std::atomic<std::uint32_t> listeners;
    };
    void serve();

    Page* page_ = nullptr;
    const std::function<void()> rung_;
    std::atomic<std::uint32_t> listening_{0};  // of this process
    std::atomic<std::uint32_t> heard_{0};      // the rings that rung() was called for
    std::atomic<bool> ending_{false};
    std::thread thread_;
};

}  // namespace brio::tasks
