// Takes a profile of the whole program when somebody asks for one: reads what the threads of all its
// processes sampled during some seconds, with what their ledgers say of waits, and keeps the last few.
//
// For the control loop's thread; names of functions are looked up on the offload threads. At the end the log
// has a line for each of the functions with the most cumulative time.
#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include <brio/reflect/timestamp.hpp>
#include <brio/runtime/later.hpp>
#include <brio/runtime/offload.hpp>
#include <brio/runtime/sampler.hpp>
#include <brio/runtime/scope.hpp>
#include <brio/watch/cpu_profile.hpp>

namespace brio::app {

struct ProfileState {
    std::uint64_t id = 0;
    std::string state;  // "running", "naming" (its functions), "done"
    std::uint32_t seconds = 0;
    std::uint32_t hz = 0;
    Timestamp started_at;
};

/// One that is done.
struct FinishedProfile {
    ProfileState state;
    watch::CpuProfile profile;
    std::uint64_t spent_ns = 0;  // by the handlers that took the samples
};

class Profiler {
public:
    static constexpr std::uint32_t most_seconds = 120;
    static constexpr std::size_t most_kept = 4;

    struct Parts {
        runtime::Loop& loop;
        runtime::Scope& scope;  // stopped and joined before this ends
        runtime::OffloadPool& offload;
        metrics::Registry& registry;
        runtime::Sampler* sampler;  // null: the program is not sampled
    };
    explicit Profiler(Parts parts);

    bool is_on() const noexcept { return parts_.sampler != nullptr; }
    /// Of every second of processor time, while no profile asks for more or less.
    std::uint32_t usual_hz() const noexcept { return usual_hz_; }
    struct Wish {
        std::uint32_t seconds;
        std::uint32_t hz;
    };
    /// Nothing when one is under way. Needs is_on().
    std::optional<ProfileState> start(Wish wish);
    /// The latest first.
    std::vector<ProfileState> states() const;
    /// Null: there is none of that id that is done.
    std::shared_ptr<const FinishedProfile> find(std::uint64_t id) const;

private:
    struct UnderWay {
        ProfileState state;
        runtime::Sampler::Reader reader;
        watch::PhasesByName phases;
        std::uint64_t spent_before;
        std::chrono::nanoseconds until;
        watch::CpuProfileBuilder builder;
    };
    void look();
    static Async<void> finish(Profiler& self);

    const Parts parts_;
    const std::uint32_t usual_hz_;
    std::uint64_t last_id_ = 0;
    std::unique_ptr<UnderWay> under_way_;
    std::deque<std::shared_ptr<const FinishedProfile>> finished_;  // the latest first
    runtime::Later<Profiler> again_;
};

}  // namespace brio::app
