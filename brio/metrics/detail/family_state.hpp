// What a registry holds of a family.
#pragma once
#include <brio/metrics/registry.hpp>

#include <deque>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

namespace brio::metrics::detail {

/// One series of cells. Never moves and never ends.
struct Series {
    std::vector<std::string> values;
    std::string label_text;
    std::uint32_t cell;
};

/// Something a scrape calls: a refresh, or the reader of a series' value.
struct Called {
    std::uint64_t id = 0;
    std::function<void()> refresh;
    std::function<double()> read;
    FamilyState* family = nullptr;
    std::vector<std::string> values;
    std::string label_text;
    double value = 0;  // as last read; guarded by the scrape's lock
};

struct FamilyState {
    FamilySpec spec;
    Kind kind;
    std::uint8_t form;
    std::uint32_t cells;  // a series
    std::deque<Series> series;
    std::unordered_map<std::string, std::uint32_t> cell_of;  // by the values, each behind its length
};

/// `a="1",b="2"` with `\`, `"` and line feeds escaped.
std::string label_text(const std::vector<std::string>& names, const std::vector<std::string>& values);

bool is_metric_name(std::string_view name) noexcept;
bool is_label_name(std::string_view name) noexcept;

}  // namespace brio::metrics::detail
