// What is made of a load test beside running it: goals, files, comparison, the search for the limit; and who
// looks at it while it runs.
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <brio/load/blocks.hpp>
#include <brio/load/live_view.hpp>
#include <brio/load/report.hpp>
#include <brio/load/report_csv.hpp>
#include <brio/load/run.hpp>
#include <brio/load/threshold.hpp>

namespace CLI {
class App;
}

namespace brio::load {

/// What was typed of it.
struct JudgingWords {
    std::vector<Threshold> goals;  // empty: the program's
    bool aborts = false;           // the run, once a goal is lost
    std::string json_file;         // empty, as are the others: none
    std::string html_file;
    std::string csv_prefix;
    std::string junit_file;
    std::vector<std::string> compare_files;  // of earlier runs
    bool finds_limit = false;
    std::string admin;  // URL of the server's admin port; empty: the usual one
};
/// Adds the options to a command line. Wrong goals are errors of it.
void add_judging(CLI::App& app, JudgingWords& words);

/// Looks at a run: shows how far it is, writes the history, ends it when a goal is lost.
class Observation {
public:
    /// Throws std::runtime_error when a file cannot be written or an earlier run cannot be read.
    Observation(const Plan& plan, const JudgingWords& words, std::vector<Threshold> goals, bool quiet);

    /// For RunOptions::look.
    bool look(const Progress& progress);
    /// The whole, once the run is over.
    Report finish(Outcome outcome);
    /// Why the run was ended; empty: it was not.
    const std::string& lost() const noexcept { return lost_; }

private:
    const Plan& plan_;
    const JudgingWords& words_;
    const std::vector<Threshold> goals_;
    const WallTime began_;
    std::vector<EarlierRun> earlier_;
    Blocks blocks_;
    LiveView view_;
    std::unique_ptr<CsvFiles> csv_;
    std::chrono::nanoseconds last_look_{};
    std::string lost_;
};

/// Writes the files that were asked for. Throws std::runtime_error with the name of one that cannot be.
void write_files(const Report& report, const JudgingWords& words);

}  // namespace brio::load
