// Names of functions by their addresses in this process, and in those forked from the same one that have
// loaded nothing since.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace brio {

/// Reads symbol tables when the first address of a module is asked for, and keeps them: a program of 60,000
/// functions takes 40 ms and 3 MB. For one thread at a time; ends with what asked.
class Symbols {
public:
    /// The modules that are loaded now.
    Symbols();

    /// "shop::total(Cart const&)", or "libssl.so.3+0x1f2c0" where the file names no function there, as one
    /// that is stripped. What the compiler has made of a coroutine has the coroutine's name. The view lives
    /// as long as this.
    std::string_view name_of(std::uint64_t address);

private:
    struct Function {
        std::uint64_t begin;
        std::uint64_t end;
        std::string name;  // as the linker has it
    };
    struct Module {
        std::uint64_t from;
        std::uint64_t to;
        std::uint64_t base;
        std::string path;  // where it can be read
        std::string name;
        bool is_read = false;
        std::vector<Function> functions;  // by begin
    };
    std::string find(std::uint64_t address);
    static void read(Module& module);

    std::vector<Module> modules_;
    std::unordered_map<std::uint64_t, std::string> named_;
};

/// "fetch(int) (.resume)" is fetch(int) to people.
std::string without_compiler_suffix(std::string name);

}  // namespace brio
