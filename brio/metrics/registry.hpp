// The metrics of a program: families, their series, and the shards that threads write to.
//
// A value that the program owns and passes down. Families and series are made at start-up or rarely (a lock
// and a look-up); the handle that comes back is what a hot path keeps. A family has at most `most_series`
// series: what comes after them is counted in metrics_series_dropped_total{family} and written to cells that
// nobody shows. Label values become valid UTF-8.
#pragma once
#include <brio/metrics/exemplar.hpp>
#include <brio/metrics/shard.hpp>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace brio::metrics {

class Registry;
namespace detail {
struct FamilyState;
struct Called;
}  // namespace detail

enum class Kind : std::uint8_t { counter, gauge, histogram, summary };

struct FamilySpec {
    std::string name;  // a counter's ends in _total; durations end in _seconds
    std::string help;
    std::vector<std::string> labels;
    std::uint32_t most_series = 1000;
    bool hide_unused = false;  // a series that is still zero is not shown
    bool exemplars = false;    // histograms only
};

using LabelValues = std::initializer_list<std::string_view>;

/// The family of a kind of handle. Copied freely, valid as long as its registry.
template <class Handle>
class Family {
public:
    /// The series of these label values, in the order of the spec's labels; made when it is new. Any thread.
    Handle with(LabelValues values) const {
        return with(std::span<const std::string_view>(values.begin(), values.size()));
    }
    Handle with(std::span<const std::string_view> values) const;

private:
    friend class Registry;
    Family(Registry& registry, detail::FamilyState& state) noexcept : registry_(&registry), state_(&state) {}
    Registry* registry_;
    detail::FamilyState* state_;
};

/// A thread's own shard while it lives; made and destroyed on that thread.
class Seat {
public:
    explicit Seat(Registry& registry);
    ~Seat();
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;
    Shard& shard() const noexcept { return *shard_; }

private:
    Registry* registry_;
    Shard* shard_;
    Registry* outer_registry_;
    Shard* outer_shard_;
};

/// Something that a scrape calls. Ends when destroyed, which waits for a scrape under way.
class Callback {
public:
    Callback() noexcept = default;
    Callback(Callback&& other) noexcept;
    Callback& operator=(Callback&& other) noexcept;
    ~Callback();

private:
    friend class Registry;
    Callback(Registry& registry, std::uint64_t id) noexcept : registry_(&registry), id_(id) {}
    Registry* registry_ = nullptr;
    std::uint64_t id_ = 0;
};

/// One series as a scrape sees it. Views end with the visit.
struct SeriesView {
    std::span<const std::string> values;
    std::string_view label_text;  // `method="GET",status="200"`, escaped; empty without labels
    double value;                 // counter, gauge
    std::uint64_t sum_ns;         // histogram, summary
    std::uint64_t count;
    std::span<const std::uint64_t> buckets;  // not cumulative, the last is +Inf
    std::span<const Exemplar> exemplars;
};
struct FamilyView {
    const FamilySpec& spec;
    Kind kind;
    const Edges& edges;
    std::span<const SeriesView> series;
};

struct RegistryLimits {
    std::uint32_t cells = 1u << 20;  // 8 MiB of addresses a shard; 30,000 histograms
    std::uint32_t shards = 256;      // threads beyond them use the shared shard
};

class Registry {
public:
    explicit Registry(Edges edges = Edges(), RegistryLimits limits = {});
    ~Registry();
    Registry(const Registry&) = delete;
    Registry& operator=(const Registry&) = delete;

    /// A family asked for again is the same one; with another kind or other labels it is a bug, as is a wrong
    /// name.
    Family<Counter> counter(FamilySpec spec);
    Family<Gauge> gauge(FamilySpec spec);
    Family<Level> level(FamilySpec spec);
    Family<Histogram> histogram(FamilySpec spec);
    Family<Summary> summary(FamilySpec spec);

    /// A series whose value is read at each scrape. `read` is called on the scraping thread and must not
    /// touch the registry.
    [[nodiscard]] Callback gauge_of(FamilySpec spec, LabelValues values, std::function<double()> read);
    [[nodiscard]] Callback counter_of(FamilySpec spec, LabelValues values, std::function<double()> read);
    /// Called before each scrape, for values that are set together. May set gauges and make series.
    [[nodiscard]] Callback before_scrape(std::function<void()> refresh);

    /// The calling thread's shard when it has a Seat of this registry, else the shared one. Cost: 1 ns
    /// (metrics_bench).
    Shard& here() noexcept;
    Shard& shared() noexcept { return *shared_; }
    const Edges& edges() const noexcept { return edges_; }

    /// Runs what before_scrape() holds, then calls `visit` for each family with shown series, by name. One at
    /// a time; the writers go on. A histogram's count is the sum of its buckets as read.
    void visit(const std::function<void(const FamilyView&)>& visit);

private:
    template <class>
    friend class Family;
    friend class Seat;
    friend class Callback;
    friend class CountSender;
    friend class CountReceiver;
    enum class Form : std::uint8_t { counter, gauge, level, histogram, summary };

    detail::FamilyState& family(FamilySpec spec, Form form);
    /// What another process has counted; null where this one could have no such family.
    detail::FamilyState* family_of_other(FamilySpec spec, std::uint8_t form);
    /// Of each series, those that count: not its exemplars'.
    std::uint32_t counted_cells(const detail::FamilyState& state) const noexcept;
    /// The first cell of a series; 0 when there is no room for it.
    std::uint32_t series(detail::FamilyState& state, std::span<const std::string_view> values);
    Callback add_called(std::unique_ptr<detail::Called> called);
    Callback add_value(detail::FamilyState& state, LabelValues values, std::function<double()> read);
    void remove_callback(std::uint64_t id) noexcept;
    void refresh();
    void read_family(detail::FamilyState& state, const std::function<void(const FamilyView&)>& visit);
    Shard* take_shard();
    void give_back(Shard* shard) noexcept;

    const Edges edges_;
    const RegistryLimits limits_;
    std::mutex scrape_mutex_;                     // one scrape at a time; taken before mutex_
    std::mutex mutex_;                            // families, series, shards
    std::vector<std::unique_ptr<Shard>> shards_;  // guarded by mutex_; the first is the shared one
    Shard* shared_ = nullptr;
    std::vector<std::unique_ptr<detail::FamilyState>> families_;
    std::vector<std::unique_ptr<detail::Called>> called_;  // changed with both held
    std::uint64_t next_callback_ = 1;
    std::uint32_t next_cell_ = 0;
    detail::FamilyState* dropped_ = nullptr;
};

/// The value under which the share `q` of the observations lies, interpolated within its bucket, in
/// nanoseconds; 0 without any. What lies over the last edge counts as that edge.
double quantile(const Edges& edges, std::span<const std::uint64_t> buckets, double q);

}  // namespace brio::metrics
