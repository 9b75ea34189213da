// Shows how far a load test is, on the standard error: on a terminal a table that changes in place, elsewhere
// a line now and then, so that a log stays short.
#pragma once
#include <chrono>
#include <cstddef>
#include <string>

#include <brio/load/report_text.hpp>

namespace brio::load {

/// What a terminal of this process can show: its width, and colour unless NO_COLOR (no-color.org) is set.
TextStyle style_of(int descriptor);

class LiveView {
public:
    /// `lasts` is how long the run is meant to be: some twenty lines are written in it.
    LiveView(std::chrono::nanoseconds lasts, bool quiet);
    ~LiveView();
    LiveView(const LiveView&) = delete;
    LiveView& operator=(const LiveView&) = delete;

    void show(const Moment& moment, const Plan& plan, const Record& so_far);
    /// Takes the table away.
    void clear();

private:
    enum class Kind : unsigned char { none, lines, table };

    const Kind kind_;
    const TextStyle style_;
    const std::chrono::nanoseconds between_;
    std::chrono::nanoseconds next_ = std::chrono::nanoseconds::min();
    std::ptrdiff_t lines_ = 0;  // of the table that is on the terminal
};

}  // namespace brio::load
