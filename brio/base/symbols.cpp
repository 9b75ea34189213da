#include <brio/base/symbols.hpp>

#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include <brio/base/elf_symbols.hpp>
#include <brio/base/text.hpp>

namespace brio {

namespace {

std::string path_of_program() {
    char path[4096];
    const auto size = ::readlink("/proc/self/exe", path, sizeof path);
    return size > 0 ? std::string(path, static_cast<std::size_t>(size)) : "program";
}

std::string offset_text(std::uint64_t offset) {
    char digits[16];
    return std::string("+0x").append(digits,
                                     std::to_chars(digits, digits + sizeof digits, offset, 16).ptr - digits);
}

}  // namespace

std::string without_compiler_suffix(std::string name) {
    for (;;) {
        const auto at = name.ends_with(')')   ? name.rfind(" (.")
                        : name.ends_with(']') ? name.rfind(" [clone ")
                                              : std::string::npos;
        if (at == std::string::npos) {
            return name;
        }
        name.resize(at);
    }
}

Symbols::Symbols() {
    ::dl_iterate_phdr(
        [](dl_phdr_info* info, std::size_t, void* data) {
            auto& modules = *static_cast<std::vector<Module>*>(data);
            const bool is_program = info->dlpi_name == nullptr || info->dlpi_name[0] == 0;
            const std::string path = is_program ? path_of_program() : info->dlpi_name;
            for (std::size_t i = 0; i < info->dlpi_phnum; ++i) {
                const auto& part = info->dlpi_phdr[i];
                if (part.p_type == PT_LOAD && (part.p_flags & PF_X) != 0) {
                    const std::uint64_t from = info->dlpi_addr + part.p_vaddr;
                    modules.push_back({.from = from,
                                       .to = from + part.p_memsz,
                                       .base = info->dlpi_addr,
                                       .path = is_program ? "/proc/self/exe" : path,
                                       .name = path.substr(path.rfind('/') + 1),
                                       .functions = {}});
                }
            }
            return 0;
        },
        &modules_);
}

std::string_view Symbols::name_of(std::uint64_t address) {
    auto& name = named_[address];
    if (name.empty()) {
        name = find(address);
    }
    return name;
}

std::string Symbols::find(std::uint64_t address) {
    const auto found = std::ranges::find_if(
        modules_, [address](const Module& each) { return each.from <= address && address < each.to; });
    if (found == modules_.end()) {
        return "?";
    }
    if (!found->is_read) {
        read(*found);
    }
    const auto offset = address - found->base;
    const auto after = std::ranges::upper_bound(found->functions, offset, {}, &Function::begin);
    if (after != found->functions.begin() && offset < std::prev(after)->end) {
        return without_compiler_suffix(demangled(std::prev(after)->name.c_str()));
    }
    return found->name + offset_text(offset);
}

void Symbols::read(Module& module) {
    module.is_read = true;
    each_elf_function(module.path, any_time, [&](const ElfFunction& function) {
        module.functions.push_back(
            {.begin = function.begin, .end = function.begin + function.size, .name = function.name});
    });
    std::ranges::sort(module.functions, {}, &Function::begin);
}

}  // namespace brio
