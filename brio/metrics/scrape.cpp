// The reading side of a registry: callbacks, and the sums over shards.
#include <brio/metrics/registry.hpp>

#include <brio/base/expect.hpp>
#include <brio/base/text.hpp>
#include <brio/metrics/detail/exemplar_cells.hpp>
#include <brio/metrics/detail/family_state.hpp>

#include <algorithm>
#include <bit>

namespace brio::metrics {

Callback::Callback(Callback&& other) noexcept
    : registry_(std::exchange(other.registry_, nullptr)),
      id_(other.id_) {}

Callback& Callback::operator=(Callback&& other) noexcept {
    std::swap(registry_, other.registry_);
    std::swap(id_, other.id_);
    return *this;
}

Callback::~Callback() {
    if (registry_ != nullptr) {
        registry_->remove_callback(id_);
    }
}

Callback Registry::add_called(std::unique_ptr<detail::Called> called) {
    const std::scoped_lock lock(scrape_mutex_, mutex_);
    called->id = next_callback_++;
    const std::uint64_t id = called->id;
    called_.push_back(std::move(called));
    return {*this, id};
}

Callback Registry::add_value(detail::FamilyState& state, LabelValues values, std::function<double()> read) {
    expect(values.size() == state.spec.labels.size(), "a series has one value for each label of its family");
    auto called = std::make_unique<detail::Called>();
    called->read = std::move(read);
    called->family = &state;
    for (const std::string_view value : values) {
        called->values.push_back(valid_utf8(value));
    }
    called->label_text = detail::label_text(state.spec.labels, called->values);
    return add_called(std::move(called));
}

Callback Registry::gauge_of(FamilySpec spec, LabelValues values, std::function<double()> read) {
    return add_value(family(std::move(spec), Form::gauge), values, std::move(read));
}
Callback Registry::counter_of(FamilySpec spec, LabelValues values, std::function<double()> read) {
    return add_value(family(std::move(spec), Form::counter), values, std::move(read));
}
Callback Registry::before_scrape(std::function<void()> refresh) {
    auto called = std::make_unique<detail::Called>();
    called->refresh = std::move(refresh);
    return add_called(std::move(called));
}

void Registry::remove_callback(std::uint64_t id) noexcept {
    const std::scoped_lock lock(scrape_mutex_, mutex_);
    std::erase_if(called_, [id](const auto& called) { return called->id == id; });
}

void Registry::refresh() {
    for (const auto& called : called_) {
        if (called->refresh) {
            called->refresh();
        } else {
            called->value = called->read();
        }
    }
}

void Registry::visit(const std::function<void(const FamilyView&)>& visit) {
    const std::lock_guard one_at_a_time(scrape_mutex_);
    refresh();
    std::vector<detail::FamilyState*> families;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& state : families_) {
            families.push_back(state.get());
        }
    }
    for (detail::FamilyState* state : families) {
        read_family(*state, visit);
    }
}

namespace {

/// Sums of one family's cells over all shards, kept for as long as the visit.
class Reader {
public:
    Reader(const detail::FamilyState& state, std::span<const std::unique_ptr<Shard>> shards,
           const Edges& edges)
        : state_(state),
          shards_(shards),
          edges_(edges) {
        if (state.kind == Kind::histogram) {
            buckets_.resize(state.series.size() * (edges.size() + 1));
        }
        if (state.spec.exemplars) {
            exemplars_.reserve(state.series.size() * detail::exemplar_groups);  // views point into it
        }
    }

    SeriesView read(const detail::Series& series, bool is_set) {
        SeriesView view{.values = series.values, .label_text = series.label_text};
        switch (state_.kind) {
            case Kind::counter: view.value = static_cast<double>(sum(series.cell)); break;
            case Kind::gauge:
                view.value = is_set ? std::bit_cast<double>(
                                          shards_.front()->cell(series.cell).load(std::memory_order_relaxed))
                                    : static_cast<double>(static_cast<std::int64_t>(sum(series.cell)));
                break;
            case Kind::summary:
                view.sum_ns = sum(series.cell);
                view.count = sum(series.cell + 1);
                break;
            case Kind::histogram: read_histogram(series, view); break;
        }
        return view;
    }

private:
    std::uint64_t sum(std::uint32_t cell) const noexcept {
        std::uint64_t total = 0;
        for (const auto& shard : shards_) {
            total += shard->cell(cell).load(std::memory_order_relaxed);
        }
        return total;
    }

    void read_histogram(const detail::Series& series, SeriesView& view) {
        const std::size_t size = edges_.size() + 1;
        const std::span<std::uint64_t> buckets(&buckets_[next_bucket_], size);
        next_bucket_ += size;
        for (const auto& shard : shards_) {
            for (std::size_t i = 0; i < size; ++i) {
                buckets[i] += shard->cell(series.cell + 1 + static_cast<std::uint32_t>(i))
                                  .load(std::memory_order_relaxed);
            }
        }
        for (const std::uint64_t bucket : buckets) {
            view.count += bucket;
        }
        view.sum_ns = sum(series.cell);
        view.buckets = buckets;
        if (state_.spec.exemplars) {
            read_exemplars(series.cell + static_cast<std::uint32_t>(1 + size), view);
        }
    }

    /// Of each group the latest of all shards.
    void read_exemplars(std::uint32_t first, SeriesView& view) {
        const std::size_t before = exemplars_.size();
        for (std::uint32_t group = 0; group < detail::exemplar_groups; ++group) {
            std::optional<Exemplar> latest;
            for (const auto& shard : shards_) {
                const auto one = detail::read_exemplar(*shard, first + group * detail::exemplar_cells);
                if (one && (!latest || one->wall_us > latest->wall_us)) {
                    latest = one;
                }
            }
            if (latest) {
                exemplars_.push_back(*latest);
            }
        }
        view.exemplars = std::span(exemplars_).subspan(before);
    }

    const detail::FamilyState& state_;
    const std::span<const std::unique_ptr<Shard>> shards_;
    const Edges& edges_;
    std::vector<std::uint64_t> buckets_;
    std::size_t next_bucket_ = 0;
    std::vector<Exemplar> exemplars_;
};

}  // namespace

void Registry::read_family(detail::FamilyState& state, const std::function<void(const FamilyView&)>& visit) {
    std::vector<SeriesView> views;
    std::unique_lock lock(mutex_);
    Reader reader(state, shards_, edges_);
    views.reserve(state.series.size());
    for (const detail::Series& series : state.series) {
        const SeriesView view = reader.read(series, state.form == static_cast<std::uint8_t>(Form::gauge));
        if (!state.spec.hide_unused || view.count != 0 || view.value != 0) {
            views.push_back(view);
        }
    }
    lock.unlock();  // series never move, so that the views stay while others are made
    for (const auto& called : called_) {
        if (called->family == &state) {
            views.push_back(
                {.values = called->values, .label_text = called->label_text, .value = called->value});
        }
    }
    if (!views.empty()) {
        visit({state.spec, state.kind, edges_, views});
    }
}

double quantile(const Edges& edges, std::span<const std::uint64_t> buckets, double q) {
    expect(buckets.size() == edges.size() + 1, "buckets belong to their edges");
    std::uint64_t count = 0;
    for (const std::uint64_t bucket : buckets) {
        count += bucket;
    }
    if (count == 0) {
        return 0;
    }
    const double rank = std::clamp(q, 0.0, 1.0) * static_cast<double>(count);
    double below = 0;
    std::size_t at = 0;
    while (at + 1 < buckets.size() && (buckets[at] == 0 || below + static_cast<double>(buckets[at]) < rank)) {
        below += static_cast<double>(buckets[at++]);
    }
    if (at == edges.size()) {
        return static_cast<double>(edges.nanoseconds().back());
    }
    const double low = at == 0 ? 0 : static_cast<double>(edges.nanoseconds()[at - 1]);
    const double high = static_cast<double>(edges.nanoseconds()[at]);
    return low + (high - low) * std::clamp((rank - below) / static_cast<double>(buckets[at]), 0.0, 1.0);
}

}  // namespace brio::metrics
