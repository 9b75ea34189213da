#include <brio/metrics/registry.hpp>

#include <brio/base/expect.hpp>
#include <brio/base/text.hpp>
#include <brio/metrics/detail/exemplar_cells.hpp>
#include <brio/metrics/detail/family_state.hpp>

#include <algorithm>

namespace brio::metrics {

namespace {

/// The shard of the calling thread and the registry that it belongs to.
struct ThreadSeat {
    Registry* registry = nullptr;
    Shard* shard = nullptr;
};
constinit thread_local ThreadSeat thread_seat;

/// The values one behind the other, each with its length, so that no two lists have the same text.
std::string key_of(std::span<const std::string_view> values) {
    std::string key;
    for (const std::string_view value : values) {
        key += integer_text(value.size());
        key += ':';
        key += value;
    }
    return key;
}

std::vector<std::string> shown_values(std::span<const std::string_view> values) {
    std::vector<std::string> shown;
    shown.reserve(values.size());
    for (const std::string_view value : values) {
        shown.push_back(valid_utf8(value));
    }
    return shown;
}

constexpr Kind kinds[] = {Kind::counter, Kind::gauge, Kind::gauge, Kind::histogram, Kind::summary};

bool is_sound(const FamilySpec& spec, Kind kind) {
    const auto sound_label = [kind](const std::string& label) {
        return detail::is_label_name(label) && !(kind == Kind::histogram && label == "le") &&
               !(kind == Kind::summary && label == "quantile");
    };
    return detail::is_metric_name(spec.name) &&
           std::all_of(spec.labels.begin(), spec.labels.end(), sound_label) &&
           (kind != Kind::counter || spec.name.ends_with("_total"));
}

}  // namespace

Registry::Registry(Edges edges, RegistryLimits limits) : edges_(edges), limits_(limits) {
    const auto hidden = static_cast<std::uint32_t>(2 + edges_.size() + 1);  // what default handles write to
    expect(limits_.cells >= 1024 && limits_.shards >= 1, "a registry has room for cells and a shard");
    next_cell_ = hidden;
    shards_.push_back(std::unique_ptr<Shard>(new Shard(edges_, {.cells = limits_.cells, .shared = true})));
    shared_ = shards_.front().get();
    dropped_ = &family({.name = "metrics_series_dropped_total",
                        .help = "Series that were not made because their family had reached its limit.",
                        .labels = {"family"}},
                       Form::counter);
}

Registry::~Registry() {
    expect(std::none_of(shards_.begin(), shards_.end(), [](const auto& shard) { return shard->taken_; }),
           "a registry outlives the seats that threads have taken");
}

detail::FamilyState& Registry::family(FamilySpec spec, Form form) {
    const Kind kind = kinds[static_cast<std::size_t>(form)];
    expect(is_sound(spec, kind),
           "a metric's name, its labels and a counter's _total follow Prometheus' rules");
    const std::lock_guard lock(mutex_);
    const auto at =
        std::lower_bound(families_.begin(), families_.end(), spec.name,
                         [](const auto& state, const std::string& name) { return state->spec.name < name; });
    if (at != families_.end() && (*at)->spec.name == spec.name) {
        expect((*at)->form == static_cast<std::uint8_t>(form) && (*at)->spec.labels == spec.labels,
               "a metric family asked for twice has one kind and one list of labels");
        return **at;
    }
    auto state = std::make_unique<detail::FamilyState>(
        detail::FamilyState{std::move(spec), kind, static_cast<std::uint8_t>(form), 0, {}, {}});
    state->cells = counted_cells(*state) +
                   (state->spec.exemplars ? detail::exemplar_groups * detail::exemplar_cells : 0);
    return **families_.insert(at, std::move(state));
}

detail::FamilyState* Registry::family_of_other(FamilySpec spec, std::uint8_t form) {
    if (form >= std::size(kinds) || kinds[form] == Kind::gauge || !is_sound(spec, kinds[form])) {
        return nullptr;
    }
    {
        const std::lock_guard lock(mutex_);
        const auto known = std::find_if(families_.begin(), families_.end(),
                                        [&](const auto& state) { return state->spec.name == spec.name; });
        if (known != families_.end()) {
            const bool is_same = (*known)->form == form && (*known)->spec.labels == spec.labels;
            return is_same ? known->get() : nullptr;
        }
    }
    return &family(std::move(spec), static_cast<Form>(form));
}

std::uint32_t Registry::counted_cells(const detail::FamilyState& state) const noexcept {
    switch (state.kind) {
        case Kind::histogram: return static_cast<std::uint32_t>(2 + edges_.size());
        case Kind::summary: return 2;
        default: return 1;
    }
}

Family<Counter> Registry::counter(FamilySpec spec) { return {*this, family(std::move(spec), Form::counter)}; }
Family<Gauge> Registry::gauge(FamilySpec spec) { return {*this, family(std::move(spec), Form::gauge)}; }
Family<Level> Registry::level(FamilySpec spec) { return {*this, family(std::move(spec), Form::level)}; }
Family<Histogram> Registry::histogram(FamilySpec spec) {
    return {*this, family(std::move(spec), Form::histogram)};
}
Family<Summary> Registry::summary(FamilySpec spec) { return {*this, family(std::move(spec), Form::summary)}; }

std::uint32_t Registry::series(detail::FamilyState& state, std::span<const std::string_view> values) {
    expect(values.size() == state.spec.labels.size(), "a series has one value for each label of its family");
    std::string key = key_of(values);
    {
        const std::lock_guard lock(mutex_);
        if (const auto known = state.cell_of.find(key); known != state.cell_of.end()) {
            return known->second;
        }
        if (state.series.size() < state.spec.most_series && limits_.cells - next_cell_ >= state.cells) {
            const std::uint32_t cell = std::exchange(next_cell_, next_cell_ + state.cells);
            std::vector<std::string> shown = shown_values(values);
            std::string text = detail::label_text(state.spec.labels, shown);
            state.series.push_back({std::move(shown), std::move(text), cell});
            state.cell_of.emplace(std::move(key), cell);
            return cell;
        }
    }
    if (&state != dropped_) {
        const std::string_view name = state.spec.name;
        shared().add(series(*dropped_, {&name, 1}), 1);
    }
    return 0;
}

template <>
Counter Family<Counter>::with(std::span<const std::string_view> values) const {
    Counter handle;
    handle.cell_ = registry_->series(*state_, values);
    return handle;
}
template <>
Level Family<Level>::with(std::span<const std::string_view> values) const {
    Level handle;
    handle.cell_ = registry_->series(*state_, values);
    return handle;
}
template <>
Gauge Family<Gauge>::with(std::span<const std::string_view> values) const {
    Gauge handle;
    if (const std::uint32_t cell = registry_->series(*state_, values)) {
        handle.cell_ = &registry_->shared().cell(cell);
    }
    return handle;
}
template <>
Histogram Family<Histogram>::with(std::span<const std::string_view> values) const {
    Histogram handle;
    if (const std::uint32_t cell = registry_->series(*state_, values)) {
        handle.first_ = cell;
        handle.exemplars_ =
            state_->spec.exemplars ? cell + static_cast<std::uint32_t>(2 + registry_->edges().size()) : 0;
    }
    return handle;
}
template <>
Summary Family<Summary>::with(std::span<const std::string_view> values) const {
    Summary handle;
    if (const std::uint32_t cell = registry_->series(*state_, values)) {
        handle.first_ = cell;
    }
    return handle;
}

Shard& Registry::here() noexcept {
    const ThreadSeat seat = thread_seat;
    return seat.registry == this ? *seat.shard : shared();
}

Shard* Registry::take_shard() {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 1; i < shards_.size(); ++i) {
        if (!shards_[i]->taken_) {
            shards_[i]->taken_ = true;
            return shards_[i].get();
        }
    }
    if (shards_.size() > limits_.shards) {
        return shared_;
    }
    shards_.push_back(std::unique_ptr<Shard>(new Shard(edges_, {.cells = limits_.cells, .shared = false})));
    shards_.back()->taken_ = true;
    return shards_.back().get();
}

void Registry::give_back(Shard* shard) noexcept {
    const std::lock_guard lock(mutex_);
    shard->taken_ = false;
}

Seat::Seat(Registry& registry)
    : registry_(&registry),
      shard_(registry.take_shard()),
      outer_registry_(thread_seat.registry),
      outer_shard_(thread_seat.shard) {
    thread_seat = {registry_, shard_};
}

Seat::~Seat() {
    expect(thread_seat.shard == shard_, "a seat ends on its own thread, the last one first");
    thread_seat = {outer_registry_, outer_shard_};
    registry_->give_back(shard_);
}

}  // namespace brio::metrics
