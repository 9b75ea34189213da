#include <brio/watch/review_facts.hpp>

#include <algorithm>
#include <charconv>

namespace brio::watch {

namespace {

constexpr std::chrono::seconds shortest = std::chrono::minutes(5);

std::chrono::seconds length_of(Span span) noexcept {
    return step_of(span) * static_cast<std::int64_t>(steps_of(span));
}

Span finest_that_holds(std::chrono::seconds length) noexcept {
    const auto found = std::ranges::find_if(all_spans, [&](Span span) { return length_of(span) >= length; });
    return found == all_spans.end() ? all_spans.back() : *found;
}

}  // namespace

std::optional<std::chrono::seconds> review_length(std::string_view text) {
    constexpr std::pair<char, std::int64_t> units[] = {{'m', 60}, {'h', 3600}, {'d', 86'400}, {'w', 604'800}};
    std::uint32_t number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    const auto unit = std::string_view(end, text.data() + text.size());
    const auto* found = std::ranges::find_if(
        units, [&](const auto& each) { return unit == std::string_view(&each.first, 1); });
    if (failed != std::errc() || found == std::end(units)) {
        return std::nullopt;
    }
    const std::chrono::seconds length(number * found->second);
    return length < shortest || length > length_of(all_spans.back()) ? std::nullopt : std::optional(length);
}

Span span_of_review(std::chrono::seconds since) noexcept { return finest_that_holds(2 * since); }
Span span_of_growth(std::chrono::seconds since) noexcept { return finest_that_holds(since); }

}  // namespace brio::watch
