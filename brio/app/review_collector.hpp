// Collects what a review is made of: from a server process that runs, or from the file that one has left.
#pragma once
#include <chrono>
#include <optional>
#include <string>

#include <brio/app/detail/program.hpp>
#include <brio/reflect/timestamp.hpp>
#include <brio/runtime/async.hpp>
#include <brio/watch/review_facts.hpp>

namespace brio::cache {
class Caches;
}
namespace brio::ledger {
class BlackBox;
}
namespace brio::app {

class GoalKeeper;

/// Who is asked. They outlive the collecting, which is on the control loop's thread.
struct ReviewSources {
    std::string program;
    std::string version;
    Timestamp began;  // this process
    watch::GoalRules rules;
    bool judges_connections = false;
    const GoalKeeper& keeper;
    cache::Caches& caches;
    const ledger::BlackBox& slow;
    db::Database* database = nullptr;  // null: a program without one
    tasks::Tasks* tasks = nullptr;     // the same
};

/// What cannot be asked is left out and said in the facts' problems. Throws Cancelled.
Async<watch::ReviewFacts> collect_review(const ReviewSources& sources, std::chrono::seconds since);

/// Of the file of the settings as it is at `now` (since 1970); none: there is no whole one.
std::optional<watch::ReviewFacts> read_review(const Program& program, const Settings& settings,
                                              std::chrono::seconds since, std::chrono::seconds now);

}  // namespace brio::app
