// What `brio top` knows of the processes that it looks at, and what that makes together. Pure: who asks is
// top_reader.hpp.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "admin_answers.hpp"

namespace brio::tool {

/// Of one process, at its admin port: `--json` prints it as it is. Nothing (null) stands for what the process
/// does not tell, as a worker has no goals.
struct ProcessState {
    std::string url;
    std::string problem;  // why it does not answer now; then the rest is what it said last. Empty: nothing
    Timestamp at;         // of its last answer
    std::optional<ProgramAnswer> program;
    std::optional<std::vector<GoalAnswer>> goals;
    std::vector<WorkAnswer> work;
    std::optional<UsageAnswer> usage;
    std::optional<TasksAnswer> tasks;  // the running ones in `tasks`
    std::optional<QueriesAnswer> queries;
    std::optional<InstancesAnswer> instances;
    std::optional<LogAnswer> log;
};
struct TopState {
    Timestamp at;
    std::vector<ProcessState> processes;
};

/// All that is shown. Of several processes: what can be added is; a quantile is that of the slowest process,
/// a goal stands as where it stands worst; tasks, which processes of one program share, count once.
struct TopView {
    struct Use {
        std::string url;
        UsageAnswer usage;
    };
    struct Tasks {
        std::string program;
        TasksAnswer answer;
    };

    Timestamp at;
    std::vector<std::string> programs;  // "shop 1.4", each once
    std::vector<std::string> urls;
    std::vector<std::string> problems;
    std::optional<Timestamp> began;  // of the one that began last
    std::vector<GoalAnswer> goals;   // the most urgent first
    std::vector<WorkAnswer> work;
    WorkAnswer requests;  // all together
    std::vector<Use> uses;
    std::vector<Tasks> tasks;
    QueriesAnswer queries;
    std::vector<InstanceAnswer> instances;
    std::vector<std::string> instance_problems;
    LogAnswer log;  // the newest first

    bool misses_a_goal() const noexcept;
};
/// `process`: from 1 on, that one alone; 0: all.
TopView view_of(const TopState& state, std::size_t process);

/// The admin ports that a process knows of, its own not among them.
std::vector<std::string> other_admin_ports(const ProcessState& process);

}  // namespace brio::tool
