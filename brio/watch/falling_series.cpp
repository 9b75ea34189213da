#include <brio/watch/falling_series.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace brio::watch {

namespace {

struct Shape {
    std::int64_t step;  // seconds
    std::int64_t steps;
    std::size_t first;  // of its values among those of all spans
    std::string_view name;
};
constexpr Shape shapes[] = {
    {5, 120, 0, "10m"}, {60, 360, 120, "6h"}, {300, 288, 480, "24h"}, {3600, 336, 768, "14d"}};
constexpr auto nothing = std::numeric_limits<float>::quiet_NaN();

const Shape& shape_of(Span span) noexcept { return shapes[static_cast<std::size_t>(span)]; }

std::size_t place_of(const Shape& shape, std::int64_t step) noexcept {
    return shape.first + static_cast<std::size_t>(step % shape.steps);
}

}  // namespace

std::chrono::seconds step_of(Span span) noexcept { return std::chrono::seconds(shape_of(span).step); }
std::size_t steps_of(Span span) noexcept { return static_cast<std::size_t>(shape_of(span).steps); }
std::string_view name_of(Span span) noexcept { return shape_of(span).name; }

std::optional<Span> span_named(std::string_view name) noexcept {
    const auto found = std::ranges::find(all_spans, name, [](Span span) { return name_of(span); });
    return found == all_spans.end() ? std::nullopt : std::optional(*found);
}

std::vector<std::int64_t> steps(Span span, std::chrono::seconds now) {
    const Shape& shape = shape_of(span);
    std::vector<std::int64_t> begins(static_cast<std::size_t>(shape.steps));
    auto begin = (now.count() / shape.step - shape.steps) * shape.step;
    for (auto& each : begins) {
        each = begin += shape.step;
    }
    return begins;
}

FallingSeries::FallingSeries(Fold fold) noexcept : fold_(fold) {
    static_assert(shapes[3].first + static_cast<std::size_t>(shapes[3].steps) == all_steps);
    values_.fill(nothing);
}

float& FallingSeries::step_under_way(Span span, std::chrono::seconds now) noexcept {
    const Shape& shape = shape_of(span);
    Ring& ring = rings_[static_cast<std::size_t>(span)];
    const auto step = std::max(now.count() / shape.step, ring.latest);
    if (step != ring.latest) {
        const auto passed = ring.latest < 0 ? 1 : std::min(step - ring.latest, shape.steps);
        for (std::int64_t i = 0; i < passed; ++i) {
            values_[place_of(shape, step - i)] = nothing;
        }
        ring = {.latest = step, .folded = 0};
    }
    return values_[place_of(shape, step)];
}

void FallingSeries::add(std::chrono::seconds now, double value) noexcept {
    for (const Span span : all_spans) {
        float& folded = step_under_way(span, now);
        auto& count = rings_[static_cast<std::size_t>(span)].folded;
        if (count == 0) {
            folded = static_cast<float>(value);
        } else if (fold_ == Fold::most) {
            folded = std::max(folded, static_cast<float>(value));
        } else if (fold_ == Fold::sum) {
            folded += static_cast<float>(value);
        } else {
            folded += (static_cast<float>(value) - folded) / static_cast<float>(count + 1);
        }
        ++count;
    }
}

void FallingSeries::set(Span span, std::chrono::seconds now, double value) noexcept {
    step_under_way(span, now) = static_cast<float>(value);
}

std::vector<float> FallingSeries::values(Span span, std::chrono::seconds now) const {
    const Shape& shape = shape_of(span);
    const Ring& ring = rings_[static_cast<std::size_t>(span)];
    std::vector<float> values(static_cast<std::size_t>(shape.steps), nothing);
    const auto last = std::max(now.count() / shape.step, ring.latest);
    for (std::int64_t i = 0; i < shape.steps; ++i) {
        const auto step = last - i;
        if (step <= ring.latest && step > ring.latest - shape.steps && step >= 0) {
            values[static_cast<std::size_t>(shape.steps - 1 - i)] = values_[place_of(shape, step)];
        }
    }
    return values;
}

KeptSteps FallingSeries::kept(Span span) const {
    const Ring& ring = rings_[static_cast<std::size_t>(span)];
    if (ring.latest < 0) {
        return {};
    }
    auto all = values(span, std::chrono::seconds(ring.latest * shape_of(span).step));
    const auto first = std::ranges::find_if(all, [](float value) { return !std::isnan(value); });
    all.erase(all.begin(), first);
    return {.latest = ring.latest, .folded = ring.folded, .values = std::move(all)};
}

void FallingSeries::restore(Span span, const KeptSteps& kept, std::chrono::seconds now) {
    const Shape& shape = shape_of(span);
    if (kept.latest < 0 || kept.latest > now.count() / shape.step ||
        kept.values.size() > static_cast<std::size_t>(shape.steps)) {
        return;
    }
    rings_[static_cast<std::size_t>(span)] = {.latest = kept.latest, .folded = kept.folded};
    auto step = kept.latest;
    for (auto value = kept.values.rbegin(); value != kept.values.rend() && step >= 0; ++value, --step) {
        values_[place_of(shape, step)] = *value;
    }
}

}  // namespace brio::watch
