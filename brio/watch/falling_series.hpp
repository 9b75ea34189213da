// One figure over the last two weeks at falling resolution: every 5 s for ten minutes, every minute for six
// hours, every five minutes for 24 hours, every hour for two weeks.
//
// 4.5 kB, whatever is added. Steps begin at multiples of their length (watch_time.hpp says of which time), so
// that all series of a program have the same ones. For one thread.
#pragma once
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace brio::watch {

enum class Span : std::uint8_t { ten_minutes, six_hours, day, two_weeks };
inline constexpr std::array all_spans{Span::ten_minutes, Span::six_hours, Span::day, Span::two_weeks};
std::chrono::seconds step_of(Span span) noexcept;
std::size_t steps_of(Span span) noexcept;
/// "10m", "6h", "24h", "14d".
std::string_view name_of(Span span) noexcept;
std::optional<Span> span_named(std::string_view name) noexcept;

/// The beginnings of the last steps of a span, the step under way last.
std::vector<std::int64_t> steps(Span span, std::chrono::seconds now);

/// What several values of one step come to.
enum class Fold : std::uint8_t { mean, most, sum };

/// Of one span, as a file keeps it.
struct KeptSteps {
    std::int64_t latest = -1;   // the number of the step under way: its beginning through its length
    std::uint32_t folded = 0;   // values in it
    std::vector<float> values;  // the last ones, that step's at the end; at most steps_of(span)
};

class FallingSeries {
public:
    explicit FallingSeries(Fold fold = Fold::mean) noexcept;

    /// A value of now, into the step under way of each span. What was before the last time is taken for that
    /// time.
    void add(std::chrono::seconds now, double value) noexcept;
    /// The value of a step under way, in the place of what it had: for who folds by himself.
    void set(Span span, std::chrono::seconds now, double value) noexcept;

    /// One for each of steps(): NaN where nothing was added.
    std::vector<float> values(Span span, std::chrono::seconds now) const;

    /// Without the steps before the first that has a value; none when no step has.
    KeptSteps kept(Span span) const;
    /// Goes on from there; what was kept at a later time than now is left out, for a clock was wrong then.
    void restore(Span span, const KeptSteps& kept, std::chrono::seconds now);

private:
    static constexpr std::size_t all_steps = 120 + 360 + 288 + 336;
    struct Ring {
        std::int64_t latest = -1;  // the number of the step under way; -1: none yet
        std::uint32_t folded = 0;  // values in it
    };
    float& step_under_way(Span span, std::chrono::seconds now) noexcept;

    Fold fold_;
    std::array<Ring, all_spans.size()> rings_{};
    std::array<float, all_steps> values_;
};

}  // namespace brio::watch
