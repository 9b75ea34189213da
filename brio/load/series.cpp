#include <brio/load/series.hpp>

#include <algorithm>
#include <bit>
#include <utility>

namespace brio::load {
namespace {

void add(Point& to, const Point& from) {
    to.answers += from.answers;
    to.failures += from.failures;
    to.bytes += from.bytes;
    to.users = std::max(to.users, from.users);
    to.latency.merge(from.latency);
}

}  // namespace

Point& Series::open_point(Time now) {
    auto at = static_cast<std::size_t>(std::max(now, Time{}) / interval_);
    if (at < points_.size()) {
        return points_.back();
    }
    close();
    while (at >= most_points) {
        halve();
        at = static_cast<std::size_t>(now / interval_);
    }
    if (at >= points_.size()) {
        points_.resize(at + 1);
    }
    return points_.back();
}

void Series::answer(Time now, std::uint64_t latency_ns, std::uint64_t bytes, bool is_failure) {
    auto& point = open_point(now);
    ++point.answers;
    point.failures += is_failure ? 1 : 0;
    point.bytes += bytes;
    open_.record(latency_ns);
}

void Series::failure(Time now) { ++open_point(now).failures; }

void Series::turned_bad(Time now) { ++open_point(now).failures; }

void Series::users(Time now, std::uint64_t running) {
    open_point(now);
    auto& point = points_[static_cast<std::size_t>(std::max(now, Time{}) / interval_)];
    point.users = std::max(point.users, running);
}

void Series::close() {
    if (open_.count() != 0) {
        points_.back().latency.merge(SparseHistogram(open_));
        open_.clear();
    }
}

void Series::halve() {
    for (std::size_t i = 0; i < points_.size(); ++i) {
        if (i % 2 == 0) {
            points_[i / 2] = std::move(points_[i]);
        } else {
            add(points_[i / 2], points_[i]);
        }
    }
    points_.resize((points_.size() + 1) / 2);
    interval_ *= 2;
}

void Series::merge(const Series& other) { merge(other, false); }
void Series::merge_beside(const Series& other) { merge(other, true); }

std::optional<Series> Series::of(std::vector<Point> points, std::chrono::seconds interval) {
    constexpr auto longest = std::chrono::seconds(1 << 20);
    const bool is_doubled =
        interval.count() > 0 && std::has_single_bit(static_cast<std::uint64_t>(interval.count()));
    if (points.size() > most_points || !is_doubled || interval > longest) {
        return std::nullopt;
    }
    Series made;
    made.points_ = std::move(points);
    made.interval_ = interval;
    return made;
}

void Series::merge(Series copy, bool adds_users) {
    close();
    copy.close();
    while (interval_ < copy.interval_) {
        halve();
    }
    while (copy.interval_ < interval_) {
        copy.halve();
    }
    points_.resize(std::max(points_.size(), copy.points_.size()));
    for (std::size_t i = 0; i < copy.points_.size(); ++i) {
        const auto together = points_[i].users + copy.points_[i].users;
        add(points_[i], copy.points_[i]);
        points_[i].users = adds_users ? together : points_[i].users;
    }
}

}  // namespace brio::load
