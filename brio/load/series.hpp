// A run over time, for charts: what happened in each second, in bounded memory.
//
// A series has at most `most_points`; when a run lasts longer, neighbours become one and each stands for
// twice the time. Times are since counting began, behind the warm-up, so that the series of several
// threads fit together.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include <brio/load/histogram.hpp>

namespace brio::load {

/// What happened in one interval. Rates are counts divided by the series' interval.
struct Point {
    std::uint64_t answers = 0;   // that came in whole, good or not
    std::uint64_t failures = 0;  // answers that were judged bad, and requests without one
    std::uint64_t bytes = 0;     // received
    std::uint64_t users = 0;     // that were running, at most
    SparseHistogram latency;     // from the intended start, as in the record
};

class Series {
public:
    static constexpr std::size_t most_points = 900;
    using Time = std::chrono::nanoseconds;

    /// A request ended at `now`. Not before the last `now` but for the time of one turn, which is put to the
    /// interval that is open.
    void answer(Time now, std::uint64_t latency_ns, std::uint64_t bytes, bool is_failure);
    /// One that has no time: it never got an answer.
    void failure(Time now);
    /// An answer that was already counted turned out bad.
    void turned_bad(Time now);
    void users(Time now, std::uint64_t running);  // `now` may be of an earlier interval

    /// Adds what another thread or part counted, interval by interval; of users the larger number stays.
    void merge(const Series& other);
    /// The same with what another process counted at the same time: users are added up.
    void merge_beside(const Series& other);
    /// Closes the interval that is open: call it before points() and merge().
    void close();

    std::chrono::seconds interval() const noexcept { return interval_; }
    /// From where counting began; the n-th begins at n * interval().
    const std::vector<Point>& points() const noexcept { return points_; }
    /// Of a stranger's points; nothing when they are of no series.
    static std::optional<Series> of(std::vector<Point> points, std::chrono::seconds interval);

private:
    void merge(Series other, bool adds_users);
    Point& open_point(Time now);
    void halve();

    std::vector<Point> points_;
    Histogram open_;  // of points_.back()
    std::chrono::seconds interval_{1};
};

}  // namespace brio::load
