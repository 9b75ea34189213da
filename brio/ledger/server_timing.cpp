#include <brio/ledger/server_timing.hpp>

#include <brio/base/text.hpp>

namespace brio::ledger {

namespace {

/// What a line of the access log calls a phase: short for what is nearly always there.
constexpr std::string_view short_name(Phase phase) noexcept {
    switch (phase) {
        case Phase::serialise: return "ser";
        case Phase::compress: return "gz";
        default: return name(phase);
    }
}

}  // namespace

void append_server_timing(Buffer& out, const Ledger& ledger) {
    const PhaseTimes times = ledger.times();
    std::uint64_t total = 0;
    for (const std::uint64_t time : times) {
        total += time;
    }
    for (std::size_t i = 0; i <= static_cast<std::size_t>(Phase::compress); ++i) {
        if (times[i] >= least_shown_ns) {
            out.append(phase_names[i]);
            out.append(";dur=");
            append_milliseconds(out, times[i]);
            out.append(", ");
        }
    }
    out.append("total;dur=");
    append_milliseconds(out, total);
}

void append_phase_words(Buffer& out, const Ledger& ledger) {
    const PhaseTimes times = ledger.times();
    std::uint64_t total = 0;
    for (const std::uint64_t time : times) {
        total += time;
    }
    append_milliseconds(out, total);
    out.append("ms");
    for (std::size_t i = 0; i < phase_count; ++i) {
        if (times[i] < least_shown_ns) {
            continue;
        }
        const auto phase = static_cast<Phase>(i);
        out.push_back(' ');
        out.append(short_name(phase));
        out.push_back(' ');
        append_milliseconds(out, times[i]);
        if (phase == Phase::db && ledger.statements != 0) {
            out.push_back('(');
            append_integer(out, ledger.statements);
            out.append("q)");
        }
    }
}

}  // namespace brio::ledger
