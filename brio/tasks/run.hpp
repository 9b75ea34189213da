// One try of one task: under a unit of work, a ledger and a tally of its own, until there is something to
// settle. Everything is for its loop's thread.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <brio/http/services.hpp>
#include <brio/ledger/statement_tally.hpp>
#include <brio/runtime/loop.hpp>
#include <brio/tasks/clocks.hpp>
#include <brio/tasks/followers.hpp>
#include <brio/tasks/running.hpp>
#include <brio/tasks/task_span.hpp>
#include <brio/tasks/tasks.hpp>
#include <brio/tasks/verdict.hpp>

namespace brio::tasks {

class Run : public ProgressReporter, private runtime::Timer {
public:
    /// Why it was told to stop.
    enum class Stop : std::uint8_t { none, revoked, returned, lost };
    /// What the broker does not know yet.
    struct Ended {
        Settlement settlement;
        std::string task;
        std::uint64_t took_ns = 0;
        ledger::Ledger ledger;
        std::unique_ptr<Ending> ending = nullptr;  // that others wait for
    };
    struct News {
        Held held;
        double progress;
        std::string words;
    };
    /// Outlives the try.
    struct Parts {
        runtime::Loop& loop;
        Tasks& tasks;
        const http::Services& services;  // what tasks may take
        Running& running;
        const Clocks& clocks;
        int most_deaths;                         // of a task that is followed; then it is dead, too
        std::function<void(Run&, Ended)> ended;  // may destroy it
        std::function<void()> has_news;
    };

    Run(const Parts& parts, Claim claim);
    /// It has ended.
    ~Run() override;

    /// May end before this returns.
    void start();
    void stop(Stop why);
    Stop stopped() const noexcept { return stop_; }

    void report(double done, std::string words) override;
    std::optional<News> take_news();
    bool has_news() const noexcept { return has_news_; }

    const std::string& id() const noexcept { return claim_.message.id; }
    Held held() const { return claim_.held(); }

private:
    /// How it ends without being begun.
    std::optional<Settlement> refusal();
    Settlement settlement_of_result();
    Settlement failed(Failure failure);
    void end(Settlement settlement);
    std::optional<ledger::SlowWhy> why_of_note(const Settlement& settlement, std::uint64_t took_ns) const;
    void keep_slow(const Settlement& settlement, std::uint64_t took_ns);
    void keep_span(const Settlement& settlement, std::uint64_t took_ns);

    const Parts& parts_;
    const std::optional<TaskSpan> span_;  // where spans are collected
    const Claim claim_;
    const Definition* const definition_;
    const Policy policy_;
    runtime::Work work_;
    ledger::Ledger ledger_;
    ledger::StatementTally tally_;
    TaskContext context_;
    Async<std::string> call_;
    std::uint64_t number_ = 0;
    Ticks begun_ = 0;
    Stop stop_ = Stop::none;
    bool is_starting_ = false;
    bool has_ended_ = false;
    bool has_news_ = false;
    double progress_ = 0;
    std::string words_;
};

}  // namespace brio::tasks
