// The functions that a program or library names in its own symbol tables. Reads the file: not for a hot path.
#pragma once
#include <cstdint>
#include <ctime>
#include <functional>
#include <limits>
#include <string>
#include <string_view>

namespace brio {

inline constexpr std::time_t any_time = std::numeric_limits<std::time_t>::max();

/// Of one function: where it begins, relative to the module's base, its bytes, and its name as the linker
/// knows it, which ends with the visit.
struct ElfFunction {
    std::uint64_t begin = 0;
    std::uint64_t size = 0;
    const char* name = nullptr;
};

/// Visits those of `.symtab`, or of `.dynsym` where there is no other. A file that changed after `written`,
/// or is none, has none.
void each_elf_function(const std::string& path, std::time_t written,
                       const std::function<void(const ElfFunction&)>& visit);

/// As it stands in the source; what is no mangled name stays as it is.
std::string demangled(const char* name);

}  // namespace brio
