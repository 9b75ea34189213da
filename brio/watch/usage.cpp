#include <brio/watch/usage.hpp>

#include <cmath>

#include <brio/base/byte_text.hpp>
#include <brio/base/text.hpp>

namespace brio::watch {

namespace {

double percent_of(std::uint64_t part, std::uint64_t whole) noexcept {
    return 100 * static_cast<double>(part) / static_cast<double>(whole);
}

std::string whole_percent(double percent) {
    return concat({integer_text(static_cast<std::uint64_t>(std::lround(percent))), " %"});
}

std::string cores_text(double cores) {
    const auto tenths = static_cast<std::uint64_t>(std::lround(cores * 10));
    auto text = integer_text(tenths / 10);
    if (tenths % 10 != 0) {
        text += concat({".", integer_text(tenths % 10)});
    }
    return concat({text, tenths == 10 ? " core" : " cores"});
}

}  // namespace

std::vector<ResourceUse> compare(const Usage& usage, const Goals& goals) {
    std::vector<ResourceUse> uses;
    if (usage.cpu.percent) {
        uses.push_back(
            {.name = "cpu",
             .percent = *usage.cpu.percent,
             .limit = static_cast<double>(goals.cpu_percent),
             .words = concat({whole_percent(*usage.cpu.percent), " of ", cores_text(usage.cpu.cores)})});
    }
    if (usage.memory.bytes && usage.memory.limit_bytes != 0) {
        const auto percent = percent_of(*usage.memory.bytes, usage.memory.limit_bytes);
        uses.push_back({.name = "memory",
                        .percent = percent,
                        .limit = static_cast<double>(goals.memory_percent),
                        .words = concat({whole_percent(percent), ", ", bytes_text(*usage.memory.bytes),
                                         " of ", bytes_text(usage.memory.limit_bytes)})});
    }
    if (usage.connections && usage.connections->is_judged && usage.connections->most != 0) {
        const ConnectionUse& its = *usage.connections;
        const auto percent = percent_of(its.in_use, its.most);
        auto words = concat({integer_text(its.in_use), " of ", integer_text(its.most), " in use"});
        if (its.waiting != 0) {
            words += concat({", ", integer_text(its.waiting), " wait for one"});
        }
        if (its.bound < its.configured) {
            words += concat({" (the pool has ", integer_text(its.bound), " of ", integer_text(its.configured),
                             ": PostgreSQL has no more)"});
        }
        uses.push_back({.name = "connections",
                        .percent = percent,
                        .limit = static_cast<double>(goals.connections_percent),
                        .words = std::move(words)});
    }
    return uses;
}

}  // namespace brio::watch
