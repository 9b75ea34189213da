#include <brio/watch/goal_history.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <brio/base/text.hpp>
#include <brio/runtime/file.hpp>

namespace brio::watch {

namespace {

// "brio goals 2\n", the number of goals, each with scope, name and rings, the number of lines, each with its
// names and steps, and a checksum of all before. "brio goals 1\n" has no lines. Numbers as the machine has
// them: the file is of this machine's.
constexpr std::string_view head = "brio goals 2\n";
constexpr std::string_view head_without_lines = "brio goals 1\n";
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

void put_goals(std::string& out, const std::vector<KeptGoal>& goals) {
    const auto count = std::min(goals.size(), most_goals);
    put(out, static_cast<std::uint32_t>(count));
    for (std::size_t i = 0; i < count; ++i) {
        put_text(out, goals[i].scope);
        put_text(out, std::string_view(goals[i].name).substr(0, most_name));
        put(out, goals[i].counts.rings());
    }
}
bool take_goals(std::string_view& bytes, std::vector<KeptGoal>& goals) {
    std::uint32_t count = 0;
    if (!take(bytes, count) || count > most_goals) {
        return false;
    }
    goals.resize(count);
    return std::ranges::all_of(goals, [&](KeptGoal& each) {
        return take_text(bytes, each.scope) && take_text(bytes, each.name) &&
               take(bytes, each.counts.rings());
    });
}

void put_lines(std::string& out, const std::vector<KeptLine>& lines) {
    const auto count = std::min(lines.size(), most_kept_lines);
    put(out, static_cast<std::uint32_t>(count));
    for (std::size_t i = 0; i < count; ++i) {
        const KeptLine& line = lines[i];
        for (const std::string_view text : {line.of, line.name, line.figure, line.unit}) {
            put_text(out, text.substr(0, most_name));
        }
        put(out, line.fold);
        put(out, line.steps.latest);
        put(out, line.steps.folded);
        put(out, static_cast<std::uint32_t>(line.steps.values.size()));
        for (const float value : line.steps.values) {
            put(out, value);
        }
    }
}
bool take_line(std::string_view& bytes, KeptLine& line) {
    std::uint32_t values = 0;
    if (!take_text(bytes, line.of) || !take_text(bytes, line.name) || !take_text(bytes, line.figure) ||
        !take_text(bytes, line.unit) || !take(bytes, line.fold) || line.fold > Fold::sum ||
        !take(bytes, line.steps.latest) || !take(bytes, line.steps.folded) || !take(bytes, values) ||
        values > steps_of(Span::two_weeks)) {
        return false;
    }
    line.steps.values.resize(values);
    return std::ranges::all_of(line.steps.values, [&](float& value) { return take(bytes, value); });
}
bool take_lines(std::string_view& bytes, std::vector<KeptLine>& lines) {
    std::uint32_t count = 0;
    if (!take(bytes, count) || count > most_kept_lines) {
        return false;
    }
    lines.resize(count);
    return std::ranges::all_of(lines, [&](KeptLine& each) { return take_line(bytes, each); });
}

}  // namespace

std::string write_history(const KeptHistory& history) {
    std::string out(head);
    put_goals(out, history.goals);
    put_lines(out, history.lines);
    put(out, checksum(out));
    return out;
}

std::optional<KeptHistory> read_history(std::string_view bytes) {
    std::uint64_t sum = 0;
    const bool has_lines = bytes.starts_with(head);
    if (bytes.size() < head.size() + sizeof sum || (!has_lines && !bytes.starts_with(head_without_lines))) {
        return std::nullopt;
    }
    auto tail = bytes.substr(bytes.size() - sizeof sum);
    bytes.remove_suffix(sizeof sum);
    take(tail, sum);
    if (checksum(bytes) != sum) {
        return std::nullopt;
    }
    bytes.remove_prefix(head.size());
    KeptHistory history;
    if (!take_goals(bytes, history.goals) || (has_lines && !take_lines(bytes, history.lines))) {
        return std::nullopt;
    }
    return bytes.empty() ? std::optional(std::move(history)) : std::nullopt;
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
