#include <brio/db/statement_stats.hpp>

#include <algorithm>

#include <brio/base/expect.hpp>

namespace brio::db {

namespace {

constexpr std::string_view other_name = "other";

}  // namespace

/// What one loop has counted for one series.
struct StatementStats::Cells {
    using Cell = std::atomic<std::uint64_t>;
    static void add(Cell& cell, std::uint64_t amount) noexcept {
        cell.store(cell.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }

    const Series* series = nullptr;
    Cell count{0};
    Cell failed{0};
    Cell rows{0};
    Cell scanned{0};
    Cell waited_ns{0};
    Cell took_ns{0};
    Cell decoded_ns{0};
    Cell slowest_ns{0};
    std::atomic<std::int64_t> slowest_at{0};
    TimeSpread spread;
};

struct StatementStats::Shard {
    explicit Shard(runtime::Loop& its_loop) : loop(&its_loop) {}

    /// Where a pair is counted. Of one statement a list: few routes run the same.
    struct Place {
        std::string_view work;  // the series'
        Cells* cells;
        Place* next;
        std::string own_work;  // where the pair has no series of its own
    };
    runtime::Loop* loop;
    std::vector<Place*> by_statement;            // of the loop's thread: by the statement's number
    std::vector<std::unique_ptr<Place>> places;  // of the loop's thread
    std::vector<std::unique_ptr<Cells>> cells;   // guarded by mutex_
    Cells* others = nullptr;
};

StatementStats::StatementStats(Options options)
    : options_(options),
      series_limit_("db_statement_series", options.most_series) {
    if (options_.registry != nullptr) {
        durations_ = options_.registry->summary(
            {.name = "db_statement_duration_seconds",
             .help = "Time of statements in the engine, by statement and the route or task that ran them",
             .labels = {"statement", "endpoint"},
             .most_series = options_.most_shown,
             .hide_unused = true});
    }
    auto& others = *series_.emplace_back(new Series{.statement = nullptr, .work = {}, .duration = {}});
    if (durations_) {
        others.duration = durations_->with({other_name, other_name});
    }
}

StatementStats::~StatementStats() = default;

StatementStats::Shard& StatementStats::shard_of(runtime::Loop& loop) {
    for (auto& place : shards_) {
        Shard* shard = place.load(std::memory_order_acquire);
        if (shard == nullptr) {
            break;
        }
        if (shard->loop == &loop) {
            return *shard;
        }
    }
    const std::scoped_lock lock(mutex_);
    expect(owned_shards_.size() < most_loops, "at most 64 loops use one database");
    Shard& made = *owned_shards_.emplace_back(std::make_unique<Shard>(loop));
    made.others = made.cells.emplace_back(std::make_unique<Cells>()).get();
    made.others->series = series_.front().get();
    shards_[owned_shards_.size() - 1].store(&made, std::memory_order_release);
    return made;
}

void StatementStats::count(runtime::Loop& loop, const sql::Statement& statement, std::string_view work,
                           const StatementRun& run) {
    Shard& shard = shard_of(loop);
    const std::uint32_t number = statement.number();
    Cells* cells = nullptr;
    if (number < shard.by_statement.size()) [[likely]] {
        for (const auto* place = shard.by_statement[number]; place != nullptr; place = place->next) {
            if (place->work == work) {
                cells = place->cells;
                break;
            }
        }
    }
    if (cells == nullptr) [[unlikely]] {
        cells = &make_cells(shard, statement, work);
    }
    Cells::add(cells->count, 1);
    Cells::add(cells->rows, run.rows);
    Cells::add(cells->took_ns, run.took_ns);
    cells->spread.add(run.took_ns);
    if ((run.waited_ns | run.decoded_ns) != 0) {
        Cells::add(cells->waited_ns, run.waited_ns);
        Cells::add(cells->decoded_ns, run.decoded_ns);
    }
    if (run.scanned != 0) {
        Cells::add(cells->scanned, run.scanned);
    }
    if (run.failed) [[unlikely]] {
        Cells::add(cells->failed, 1);
    }
    if (run.took_ns > cells->slowest_ns.load(std::memory_order_relaxed)) [[unlikely]] {
        cells->slowest_ns.store(run.took_ns, std::memory_order_relaxed);
        cells->slowest_at.store(wall_now().time_since_epoch().count(), std::memory_order_relaxed);
    }
    if (options_.registry != nullptr) {
        cells->series->duration.observe(options_.registry->here(), run.took_ns);
    }
}

StatementStats::Cells& StatementStats::make_cells(Shard& shard, const sql::Statement& statement,
                                                  std::string_view work) {
    // A loop remembers pairs without a series too, so that each asks for one once only; but not for ever.
    if (shard.places.size() >= 2 * options_.most_series) {
        return *shard.others;
    }
    auto place = std::make_unique<Shard::Place>();
    {
        const std::scoped_lock lock(mutex_);
        Series& series = series_of(statement, work);
        place->cells = shard.others;
        if (series.statement != nullptr) {
            place->cells = shard.cells.emplace_back(std::make_unique<Cells>()).get();
            place->cells->series = &series;
        }
        place->work = series.work;
    }
    if (place->cells == shard.others) {
        place->own_work = work;
        place->work = place->own_work;
    }
    if (statement.number() >= shard.by_statement.size()) {
        shard.by_statement.resize(statement.number() + 1);
    }
    place->next = std::exchange(shard.by_statement[statement.number()], place.get());
    return *shard.places.emplace_back(std::move(place))->cells;
}

/// With the lock held; that of others when there is no room.
StatementStats::Series& StatementStats::series_of(const sql::Statement& statement, std::string_view work) {
    const auto found = std::ranges::find_if(
        series_, [&](auto& each) { return each->statement == &statement && each->work == work; });
    if (found != series_.end()) {
        return **found;
    }
    if (!series_limit_.try_take()) {
        return *series_.front();
    }
    auto& made =
        *series_.emplace_back(new Series{.statement = &statement, .work = std::string(work), .duration = {}});
    if (durations_) {
        made.duration = durations_->with({statement.name(), made.work});
    }
    return made;
}

std::vector<StatementRecord> StatementStats::records() const {
    struct Sum {
        StatementRecord record;
        TimeSpread::Counts spread{};
    };
    std::vector<Sum> sums;
    {
        const std::scoped_lock lock(mutex_);
        for (const auto& series : series_) {
            sums.push_back({.record = {.statement = series->statement, .work = series->work}});
        }
        for (const auto& shard : owned_shards_) {
            for (const auto& cells : shard->cells) {
                const auto at = std::ranges::find(series_, cells->series, &std::unique_ptr<Series>::get);
                Sum& sum = sums[static_cast<std::size_t>(at - series_.begin())];
                StatementRecord& record = sum.record;
                record.count += cells->count.load(std::memory_order_relaxed);
                record.failed += cells->failed.load(std::memory_order_relaxed);
                record.rows += cells->rows.load(std::memory_order_relaxed);
                record.scanned += cells->scanned.load(std::memory_order_relaxed);
                record.waited_ns += cells->waited_ns.load(std::memory_order_relaxed);
                record.took_ns += cells->took_ns.load(std::memory_order_relaxed);
                record.decoded_ns += cells->decoded_ns.load(std::memory_order_relaxed);
                if (const auto ns = cells->slowest_ns.load(std::memory_order_relaxed);
                    ns > record.slowest_ns) {
                    record.slowest_ns = ns;
                    record.slowest_at = WallTime(
                        std::chrono::microseconds(cells->slowest_at.load(std::memory_order_relaxed)));
                }
                cells->spread.add_to(sum.spread);
            }
        }
    }
    std::vector<StatementRecord> records;
    for (Sum& sum : sums) {
        if (sum.record.count != 0) {
            sum.record.p95_ns = TimeSpread::quantile(sum.spread, 0.95);
            records.push_back(std::move(sum.record));
        }
    }
    std::ranges::sort(records, std::greater(), &StatementRecord::took_ns);
    return records;
}

const sql::Statement* StatementStats::statement(std::uint32_t number) const {
    const std::scoped_lock lock(mutex_);
    for (const auto& series : series_) {
        if (series->statement != nullptr && series->statement->number() == number) {
            return series->statement;
        }
    }
    return nullptr;
}

}  // namespace brio::db
