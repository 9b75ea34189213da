// A profile: where the time of a program's requests, tasks and threads went during some seconds, as stacks of
// functions with the processor time that was seen in them, and with what they waited for beside it.
//
// A stack begins with the route's pattern, the task's name, or "[thread] NAME" for what a thread did for
// nobody; then come the coroutines that wait for one another and the functions of the innermost, outermost
// first. What was waited for is a stack too: "/api/notes;[wait] db". It comes from the ledgers: a phase's
// time less the processor time that was seen in it, so it is exact where the other is sampled.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <brio/base/symbols.hpp>
#include <brio/ledger/ledger.hpp>
#include <brio/metrics/registry.hpp>
#include <brio/runtime/sampler.hpp>

namespace brio::watch {

struct ProfileStack {
    std::vector<std::string> frames;
    std::uint64_t ns = 0;
    std::uint64_t samples = 0;
    bool is_wait = false;
};

/// One function, of one route, task or thread.
struct ProfileRow {
    std::string name;
    std::string function;
    std::uint64_t cumulative_ns = 0;  // with what it calls; recursion counts once
    std::uint64_t self_ns = 0;
};

struct CpuProfile {
    std::uint64_t samples = 0;
    std::uint64_t lost = 0;    // samples that were overwritten before they could be read
    std::uint64_t cpu_ns = 0;  // seen
    std::uint64_t wait_ns = 0;
    std::vector<ProfileStack> stacks;  // the most time first

    /// Only what one route, task or thread did.
    CpuProfile of(std::string_view name) const;
    /// At most `most`, the most cumulative time first; without waits.
    std::vector<ProfileRow> rows(std::size_t most) const;
};

/// "a;b;c 1200", a line a stack, in microseconds: what flamegraph.pl, speedscope and others read.
std::string collapsed(const CpuProfile& profile);
/// For https://www.speedscope.app: one profile of the processor time, one of all time.
std::string speedscope(const CpuProfile& profile, std::string_view name);

struct ProfileTaking {
    std::string_view program;
    std::chrono::nanoseconds began{0};  // since 1970
    std::chrono::nanoseconds took{0};
    std::uint32_t hz = 0;
};
/// For `go tool pprof` and what else reads pprof's profile.proto: its message, not yet compressed. Samples
/// have the values samples, cpu and wait, and one of the labels route, task and thread.
std::string pprof(const CpuProfile& profile, const ProfileTaking& taking);

/// {"name","ms","self_ms","samples","wait":false,"children":[…]}, children by their time.
std::string flame_tree(const CpuProfile& profile);

/// Nanoseconds in each phase, by route and by task.
using PhasesByName = std::map<std::string, ledger::PhaseTimes, std::less<>>;
/// As the metrics have them now.
PhasesByName read_phases(metrics::Registry& registry);

class CpuProfileBuilder {
public:
    /// Different stacks; those beyond are counted as "[others]" of their route, task or thread.
    static constexpr std::size_t most_stacks = 20'000;

    void add(const runtime::Sample& sample);
    void add_lost(std::uint64_t samples) noexcept { lost_ += samples; }
    /// What the ledgers were given meanwhile. After the last sample.
    void add_waits(const PhasesByName& before, const PhasesByName& after);
    /// Names everything: takes as long as reading the program's symbols does.
    CpuProfile build(Symbols& symbols) const;

private:
    struct Stack {
        std::uint64_t ns = 0;
        std::uint64_t samples = 0;
    };
    struct Key {
        std::string name;
        std::vector<std::uint64_t> frames;  // outermost first
        bool operator==(const Key&) const = default;
    };
    struct Hash {
        std::size_t operator()(const Key& key) const noexcept;
    };

    std::unordered_map<Key, Stack, Hash> stacks_;
    PhasesByName seen_;  // processor time
    PhasesByName waits_;
    std::uint64_t samples_ = 0;
    std::uint64_t lost_ = 0;
};

}  // namespace brio::watch
