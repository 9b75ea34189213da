// Facts of a program that was watched for some hours, for tests.
#pragma once
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <brio/watch/review_facts.hpp>

namespace brio::watch {

class FactsHarness {
public:
    static constexpr std::int64_t hour = 3600;
    static constexpr float unknown = std::numeric_limits<float>::quiet_NaN();

    /// So many hours, of which the last is whole; a review of the later half.
    explicit FactsHarness(std::size_t hours = 8) {
        facts.program = "shop";
        facts.version = "1.2.3";
        facts.is_running = true;
        facts.rules = {.goals = {.api = std::chrono::milliseconds(100)}};
        facts.at = std::chrono::seconds(1'795'680'000 + static_cast<std::int64_t>(hours) * hour);
        facts.since = std::chrono::seconds(static_cast<std::int64_t>(hours / 2) * hour);
        facts.began = Timestamp(1'795'680'000LL * 1'000'000);
        facts.history.step_seconds = hour;
        for (std::size_t i = 0; i < hours; ++i) {
            facts.history.at.push_back(1'795'680'000 + static_cast<std::int64_t>(i) * hour);
        }
        add("resources", "", "watched", hour);
    }
    /// The same value in each hour.
    void add(std::string of, std::string name, std::string figure, float value) {
        add(std::move(of), std::move(name), std::move(figure),
            std::vector<float>(facts.history.at.size(), value));
    }
    /// In the earlier half, and in that which is reviewed.
    void add(std::string of, std::string name, std::string figure, float before, float now) {
        std::vector<float> values(facts.history.at.size(), now);
        std::fill(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), before);
        add(std::move(of), std::move(name), std::move(figure), std::move(values));
    }
    void add(std::string of, std::string name, std::string figure, std::vector<float> values) {
        facts.history.lines.push_back({.of = std::move(of),
                                       .name = std::move(name),
                                       .figure = std::move(figure),
                                       .unit = "",
                                       .values = std::move(values)});
    }
    void add_route(const std::string& name, float count, float within, float p95_seconds) {
        add("requests", name, "count", count);
        add("requests", name, "within", within);
        add("requests", name, "p95", p95_seconds);
        add("requests", name, "p99", p95_seconds * 2);
        add("requests", name, "failed", 0);
    }

    ReviewFacts facts;
};

}  // namespace brio::watch
