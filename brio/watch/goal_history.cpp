#include <brio/watch/goal_history.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <brio/base/text.hpp>
#include <brio/runtime/file.hpp>

namespace brio::watch {

namespace {

// "brio goals 1\n", the number of goals, each with scope, name and rings, and a checksum of all before.
// Numbers as the machine has them: the file is of this machine's.
constexpr std::string_view head = "brio goals 1\n";
constexpr std::size_t most_name = 1000;

std::uint64_t checksum(std::string_view bytes) noexcept {
    std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
    for (const char each : bytes) {
        hash = (hash ^ static_cast<unsigned char>(each)) * 0x100000001b3;
    }
    return hash;
}

template <class Plain>
void put(std::string& out, const Plain& plain) {
    out.append(reinterpret_cast<const char*>(&plain), sizeof plain);
}
void put_text(std::string& out, std::string_view text) {
    put(out, static_cast<std::uint32_t>(text.size()));
    out += text;
}
template <class Plain>
bool take(std::string_view& bytes, Plain& plain) {
    if (bytes.size() < sizeof plain) {
        return false;
    }
    std::memcpy(&plain, bytes.data(), sizeof plain);
    bytes.remove_prefix(sizeof plain);
    return true;
}
bool take_text(std::string_view& bytes, std::string& text) {
    std::uint32_t size = 0;
    if (!take(bytes, size) || size > most_name || size > bytes.size()) {
        return false;
    }
    text = bytes.substr(0, size);
    bytes.remove_prefix(size);
    return true;
}

}  // namespace

std::string write_history(const std::vector<KeptGoal>& goals) {
    std::string out(head);
    const auto count = std::min(goals.size(), most_goals);
    put(out, static_cast<std::uint32_t>(count));
    for (std::size_t i = 0; i < count; ++i) {
        put_text(out, goals[i].scope);
        put_text(out, std::string_view(goals[i].name).substr(0, most_name));
        put(out, goals[i].counts.rings());
    }
    put(out, checksum(out));
    return out;
}

std::optional<std::vector<KeptGoal>> read_history(std::string_view bytes) {
    std::uint64_t sum = 0;
    if (bytes.size() < head.size() + sizeof sum || !bytes.starts_with(head)) {
        return std::nullopt;
    }
    auto tail = bytes.substr(bytes.size() - sizeof sum);
    bytes.remove_suffix(sizeof sum);
    take(tail, sum);
    if (checksum(bytes) != sum) {
        return std::nullopt;
    }
    bytes.remove_prefix(head.size());
    std::uint32_t count = 0;
    if (!take(bytes, count) || count > most_goals) {
        return std::nullopt;
    }
    std::vector<KeptGoal> goals(count);
    for (KeptGoal& each : goals) {
        if (!take_text(bytes, each.scope) || !take_text(bytes, each.name) ||
            !take(bytes, each.counts.rings())) {
            return std::nullopt;
        }
    }
    return bytes.empty() ? std::optional(std::move(goals)) : std::nullopt;
}

std::optional<std::string> read_file(const std::string& path) {
    const runtime::File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) {
        return std::nullopt;
    }
    std::string bytes;
    char part[65536];
    for (;;) {
        const auto size = ::read(file.fd(), part, sizeof part);
        if (size == 0) {
            return bytes;
        }
        if (size < 0) {
            return std::nullopt;
        }
        bytes.append(part, static_cast<std::size_t>(size));
    }
}

bool replace_file(const std::string& path, std::string_view bytes) {
    const auto beside = concat({path, ".", integer_text(::getpid())});
    runtime::File file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640));
    if (!file) {
        return false;
    }
    while (!bytes.empty()) {
        const auto size = ::write(file.fd(), bytes.data(), bytes.size());
        if (size < 0) {
            const int why = errno;
            ::unlink(beside.c_str());
            errno = why;
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(size));
    }
    file.close();
    return std::rename(beside.c_str(), path.c_str()) == 0;
}

}  // namespace brio::watch
