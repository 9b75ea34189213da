// Test-only: what a metric has come to.
#pragma once
#include <optional>
#include <string_view>

#include <brio/metrics/registry.hpp>

namespace brio::metrics::test {

/// The sum of the family's series whose labels contain `labels`, as in `queue="main"`: of values, or of
/// counts where it has these. Nothing when there is no such series.
inline std::optional<double> value_of(Registry& registry, std::string_view family,
                                      std::string_view labels = {}) {
    std::optional<double> sum;
    registry.visit([&](const FamilyView& view) {
        if (view.spec.name != family) {
            return;
        }
        const bool counts = view.kind == Kind::histogram || view.kind == Kind::summary;
        for (const SeriesView& series : view.series) {
            if (series.label_text.contains(labels)) {
                sum = sum.value_or(0) + (counts ? static_cast<double>(series.count) : series.value);
            }
        }
    });
    return sum;
}

}  // namespace brio::metrics::test
