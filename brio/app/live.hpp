// What changes while somebody looks at a running process, as sections of JSON that are made together every
// few seconds, while anybody follows them, and shared by all who do.
//
// For the control loop's thread.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <brio/http/router.hpp>
#include <brio/metrics/registry.hpp>
#include <brio/reflect/timestamp.hpp>
#include <brio/runtime/awaitables.hpp>
#include <brio/runtime/later.hpp>
#include <brio/runtime/limit.hpp>
#include <brio/watch/goal_watch.hpp>
#include <brio/watch/recent_work.hpp>

namespace brio::app {

struct Program;

/// The section "program", and GET /api/program: who is asked.
struct ProgramNow {
    std::string program;
    std::string version;
    std::string role;  // "server", "worker"
    std::string api;   // its address; empty: it has none
    std::int64_t pid = 0;
    Timestamp began;
    std::vector<std::string> paths;  // that can be asked here: patterns of the admin server's GETs
};
ProgramNow program_now(const Program& program, std::string_view role, std::string api);

/// The section "work", and GET /api/work.
struct WorkNow {
    double window_seconds = 0;
    std::vector<watch::WorkRate> work;
};
struct LimitNow {
    std::string name;
    std::uint64_t used = 0;
    std::uint64_t most = 0;
    std::uint64_t refused = 0;  // since the process began
};
/// The section "limits": every bounded thing of the process.
struct LimitsNow {
    std::vector<LimitNow> limits;
};
/// The section "log".
struct LogNow {
    std::uint64_t warnings = 0;  // since the program began, in all its processes
    std::uint64_t errors = 0;
};

class Live {
public:
    static constexpr std::chrono::seconds made_every{2};

    struct Parts {
        runtime::Loop& loop;
        const http::Router& router;  // the admin server's
        metrics::Registry& registry;
        const runtime::Limits& limits;
        const watch::GoalWatch* goals = nullptr;  // null: nobody watches over them here
        watch::GoalRules rules;
        ProgramNow program;
    };
    explicit Live(Parts parts);
    Live(const Live&) = delete;
    Live& operator=(const Live&) = delete;

    /// Begins to look at the work, every made_every.
    void start();
    /// Ends what follows, so that it comes again and finds who goes on.
    void stop();
    bool has_stopped() const noexcept { return has_stopped_; }

    struct Section {
        std::string_view name;
        std::string json;
        std::uint64_t version = 0;  // rises when `json` has changed
    };
    using Sections = std::vector<Section>;
    /// As they were last made, at most made_every ago.
    std::shared_ptr<const Sections> sections();
    /// `co_await made().wait()`: until there are new ones, or stop().
    runtime::WaitList& made() noexcept { return made_; }

    const ProgramNow& program() const noexcept { return parts_.program; }
    ProgramNow program_and_paths() const;
    WorkNow work() const;
    /// As of the last look.
    const watch::RecentWork& recent() const noexcept { return recent_; }

private:
    void look();
    void make();
    void put(Sections& sections, std::string_view name, std::string json) const;

    const Parts parts_;
    watch::RecentWork recent_;
    std::shared_ptr<const Sections> sections_;
    bool is_stale_ = true;
    bool has_stopped_ = false;
    runtime::WaitList made_;
    runtime::Later<Live> again_;
};

}  // namespace brio::app
