#include <brio/base/call_stack.hpp>

#include <cxxabi.h>
#include <elf.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>

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

/// A file in memory, to be read.
class Mapped {
public:
    /// One that has changed after `written` stays closed.
    Mapped(const std::string& path, std::time_t written) {
        const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        struct stat about{};
        if (file >= 0 && ::fstat(file, &about) == 0 && about.st_size > 0 && about.st_mtime <= written) {
            size_ = static_cast<std::size_t>(about.st_size);
            memory_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0);
        }
        if (file >= 0) {
            ::close(file);
        }
    }
    ~Mapped() {
        if (memory_ != MAP_FAILED) {
            ::munmap(memory_, size_);
        }
    }
    Mapped(const Mapped&) = delete;
    Mapped& operator=(const Mapped&) = delete;

    /// `count` of them at `offset`; none where the file has not so many.
    template <class T>
    std::span<const T> at(std::uint64_t offset, std::uint64_t count) const noexcept {
        if (memory_ == MAP_FAILED || offset > size_ || count > (size_ - offset) / sizeof(T) ||
            offset % alignof(T) != 0) {
            return {};
        }
        return {reinterpret_cast<const T*>(static_cast<const char*>(memory_) + offset),
                static_cast<std::size_t>(count)};
    }

private:
    void* memory_ = MAP_FAILED;
    std::size_t size_ = 0;
};

std::string demangled(const char* name) {
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> text(
        abi::__cxa_demangle(name, nullptr, nullptr, &status), &std::free);
    return status == 0 && text != nullptr ? text.get() : name;
}

/// The function that has `address` in one table of symbols; empty: none.
std::string function_in(const Mapped& file, std::span<const ElfW(Shdr)> sections, const ElfW(Shdr) & table,
                        std::uintptr_t address) {
    if (table.sh_link >= sections.size()) {
        return {};
    }
    const auto& names = sections[table.sh_link];
    const auto text = file.at<char>(names.sh_offset, names.sh_size);
    for (const auto& symbol : file.at<ElfW(Sym)>(table.sh_offset, table.sh_size / sizeof(ElfW(Sym)))) {
        const bool is_function = (symbol.st_info & 0xfU) == STT_FUNC;
        const bool has_it = symbol.st_value <= address && address - symbol.st_value < symbol.st_size;
        if (is_function && has_it && symbol.st_name < text.size() &&
            std::memchr(&text[symbol.st_name], 0, text.size() - symbol.st_name) != nullptr) {
            return demangled(&text[symbol.st_name]);
        }
    }
    return {};
}

std::string function_at(const std::string& path, std::uintptr_t address, std::time_t written) {
    const Mapped file(path, written);
    const auto head = file.at<ElfW(Ehdr)>(0, 1);
    if (head.empty() || std::memcmp(head.front().e_ident, ELFMAG, SELFMAG) != 0) {
        return {};
    }
    const auto sections = file.at<ElfW(Shdr)>(head.front().e_shoff, head.front().e_shnum);
    for (const auto kind : {SHT_SYMTAB, SHT_DYNSYM}) {
        for (const auto& section : sections) {
            if (section.sh_type == static_cast<ElfW(Word)>(kind)) {
                if (auto found = function_in(file, sections, section, address); !found.empty()) {
                    return found;
                }
            }
        }
    }
    return {};
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
