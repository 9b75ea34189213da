#include <brio/base/call_stack.hpp>

#include <execinfo.h>
#include <link.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include <brio/base/elf_symbols.hpp>
#include <brio/base/text.hpp>

namespace brio {

namespace {

constexpr int most_frames = 48;

void put(int file, std::string_view text) noexcept {
    while (!text.empty()) {
        const auto written = ::write(file, text.data(), text.size());
        if (written <= 0) {
            return;
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

std::uintptr_t place_of(const void* context) noexcept {
    if (context == nullptr) {
        return 0;
    }
    const auto& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
    return static_cast<std::uintptr_t>(machine.gregs[REG_RIP]);
#elif defined(__aarch64__)
    return machine.pc;
#else
    return 0;
#endif
}

std::string function_at(const std::string& path, std::uintptr_t address, std::time_t written) {
    std::string found;
    each_elf_function(path, written, [&](const ElfFunction& function) {
        if (found.empty() && function.begin <= address && address - function.begin < function.size) {
            found = demangled(function.name);
        }
    });
    return found;
}

}  // namespace

CallStack::CallStack() {
    void* warm[1];
    ::backtrace(warm, 1);  // loads the unwinder, which is too late in a handler
    ::dl_iterate_phdr(
        [](dl_phdr_info* info, std::size_t, void* data) {
            auto& self = *static_cast<CallStack*>(data);
            for (std::size_t i = 0; i < info->dlpi_phnum && self.count_ < self.modules_.size(); ++i) {
                const auto& part = info->dlpi_phdr[i];
                if (part.p_type != PT_LOAD || (part.p_flags & PF_X) == 0) {
                    continue;
                }
                auto& module = self.modules_[self.count_++];
                module.base = info->dlpi_addr;
                module.from = module.base + part.p_vaddr;
                module.to = module.from + part.p_memsz;
                auto* const path = module.path.data();
                if (info->dlpi_name != nullptr && info->dlpi_name[0] != 0) {
                    std::strncpy(path, info->dlpi_name, module.path.size() - 1);
                } else if (::readlink("/proc/self/exe", path, module.path.size() - 1) < 0) {
                    path[0] = '?';
                }
            }
            return 0;
        },
        this);
}

void CallStack::write(int file, const void* context) const noexcept {
    void* frames[most_frames];
    const int count = ::backtrace(frames, most_frames);
    const auto* const end = frames + count;
    const auto place = place_of(context);
    const auto* first = std::find_if(frames, frames + count, [place](void* each) {
        return reinterpret_cast<std::uintptr_t>(each) == place;
    });
    if (first == end) {
        first = frames;
    }
    for (const auto* each = first; each != end; ++each) {
        // All but the innermost are where a call returns to: the call is before that.
        const auto address = reinterpret_cast<std::uintptr_t>(*each);
        write_frame(file, each == first ? address : address - 1);
    }
}

void CallStack::write_frame(int file, std::uintptr_t address) const noexcept {
    std::string_view path = "?";
    std::uintptr_t base = 0;
    for (std::size_t i = 0; i < count_; ++i) {
        if (modules_[i].from <= address && address < modules_[i].to) {
            path = modules_[i].path.data();
            base = modules_[i].base;
        }
    }
    char digits[2 * sizeof address];
    const auto written = std::to_chars(digits, digits + sizeof digits, address - base, 16);
    put(file, path);
    put(file, "+0x");
    put(file, {digits, static_cast<std::size_t>(written.ptr - digits)});
    put(file, "\n");
}

std::string named_frame(std::string_view line, std::time_t written) {
    const auto plus = line.rfind("+0x");
    if (plus == line.npos) {
        return std::string(line);
    }
    const std::string path(line.substr(0, plus));
    const auto digits = line.substr(plus + 3);
    std::uintptr_t address = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), address, 16);
    const auto name = function_at(path, address, written);
    return concat({path.substr(path.rfind('/') + 1), "+0x", digits, name.empty() ? "" : " ", name});
}

}  // namespace brio
