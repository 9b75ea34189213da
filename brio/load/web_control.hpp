// What a page asks of a load test that it leads, and what the test tells the page: the one place that both
// sides know. All calls are of any thread.
#pragma once
#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <brio/load/plan.hpp>
#include <brio/load/report.hpp>

namespace brio::load {

enum class WebState : std::uint8_t {
    ready,  // nothing runs, nothing has run
    running,
    stopping,  // the page has asked for it
    over,      // the last report stands
    failed,    // it could not begin: `problem` says why
};

/// What is asked for: of the closed model `level` users, of the open ones arrivals a second.
struct WebOrder {
    double level = 0;
    double rise_s = 0;  // until the level is there, in a straight line from where it was
    double for_s = 0;   // since the run's begin; 0: until it is stopped

    friend bool operator==(const WebOrder&, const WebOrder&) = default;
};

/// What the page shows. `report` is of the run that is under way or the last one; null before the first.
struct WebView {
    WebState state = WebState::ready;
    WebOrder order;
    std::shared_ptr<const Report> report;
    std::size_t users = 0;
    double requests_per_second = 0;  // in the last second
    double p50_ms = 0;
    double p99_ms = 0;
    std::string problem;
};

class WebControl {
public:
    using Time = std::chrono::nanoseconds;
    static constexpr double most_level = 1'000'000;
    static constexpr double most_seconds = 7.0 * 24 * 3600;  // of a run, asked for or not

    /// `plan` is of what was typed: its model stands, its levels and duration are what the page begins with.
    explicit WebControl(const Plan& plan);

    // The page's side.
    /// Begins a run or, in the closed model, changes the level of the one under way. Else what is wrong.
    std::expected<void, std::string> order(const WebOrder& order);
    /// Asks for the run's end; nothing when none is under way.
    void stop();
    WebView view() const;

    // The side of who carries it out.
    /// A run that is to begin, once.
    std::optional<WebOrder> take();
    bool is_to_stop() const;
    /// The level at `at` since the run's begin. Closed model.
    double level_at(Time at);
    /// How far it is. The report is shared with whoever looks.
    void told(WebView now);
    void ended(Report report);
    void failed(std::string problem);

    /// The order as a plan: warm-up none, a rise, then the level for what is left.
    static Plan plan_of(const Plan& typed, const WebOrder& order);

private:
    struct Rise {
        double from = 0;
        double to = 0;
        Time begin{};
        Time lasts{};
    };
    double level_of(Time at) const noexcept;

    mutable std::mutex mutex_;
    const bool is_open_;
    WebView view_;
    std::optional<WebOrder> waiting_;
    Rise rise_;
    Time at_{};  // of the last level_at()
};

}  // namespace brio::load
