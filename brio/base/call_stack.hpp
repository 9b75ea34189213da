// Where a process is, in a form that can be written while it dies and read after: modules and offsets. Names
// of functions are found by who reads it, from the symbol tables of the files.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

namespace brio {

/// The modules that the process has loaded when it is made. Made where nothing is wrong yet: it also loads
/// what write() needs.
class CallStack {
public:
    CallStack();

    /// Writes the calling thread's stack, innermost first, a line "MODULE+0xOFFSET" a frame; from `context`,
    /// a signal handler's ucontext_t, on if its frame is found. Safe in a signal handler.
    void write(int file, const void* context) const noexcept;

private:
    struct Module {
        std::uintptr_t from = 0;  // of its code
        std::uintptr_t to = 0;
        std::uintptr_t base = 0;  // what its addresses are relative to
        std::array<char, 256> path{};
    };
    void write_frame(int file, std::uintptr_t address) const noexcept;

    std::array<Module, 64> modules_{};
    std::size_t count_ = 0;
};

/// "program+0x12f4 shop::send_mail(SendMail)": the file's name alone, and the function's where the file has
/// symbols and is older than `written`, when the line was. Reads the file: not for a hot path.
std::string named_frame(std::string_view line, std::time_t written);

}  // namespace brio
