// What a review is made of: what a program has kept and says of itself. Plain data, collected by
// app/review_collector.hpp from a program that runs, or by app/review_command.cpp from its file.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <brio/cache/report.hpp>
#include <brio/db/report.hpp>
#include <brio/tasks/broker.hpp>
#include <brio/watch/goal_report.hpp>
#include <brio/watch/goal_rules.hpp>
#include <brio/watch/history.hpp>
#include <brio/watch/review.hpp>

namespace brio::watch {

/// Of "90m", "24h", "7d", "2w". None: it is none of these, under five minutes or over two weeks.
std::optional<std::chrono::seconds> review_length(std::string_view text);
/// "must be …", for who was given another.
inline constexpr std::string_view review_length_words = "must be as 90m, 24h, 7d or 2w, from 5m to 14d";

/// The history in which a review of this length and the time before it stand: the finest that holds both, or
/// the longest.
Span span_of_review(std::chrono::seconds since) noexcept;
/// The finest that holds the length: what growth is read from.
Span span_of_growth(std::chrono::seconds since) noexcept;

/// A request or task of the last that were slow.
struct SlowExample {
    std::string name;   // the route's pattern or the task's name
    std::string words;  // "812ms at 2026-11-26T05:17:23Z, 640ms of it in notes by author (request 4f…)"
};

struct ReviewFacts {
    std::string program;
    std::string version;
    std::chrono::seconds at{0};  // since 1970
    std::chrono::seconds since{86'400};
    GoalRules rules;
    bool judges_connections = false;  // the pool is one of PostgreSQL's
    HistoryReport history;            // of span_of_review()
    HistoryReport growth;             // of span_of_growth(); may have less than the other, after a restart

    bool is_running = false;  // what follows is there then only
    std::optional<Timestamp> began;
    std::vector<GoalReport> goals;
    db::QueriesReport queries;
    db::IndexReport indexes;
    std::vector<cache::SubjectReport> cached;
    std::vector<tasks::QueueStatus> queues;
    std::vector<tasks::Status> dead;
    std::vector<SlowExample> slow;      // the newest first
    std::vector<std::string> problems;  // what could not be asked, and why
};

}  // namespace brio::watch
