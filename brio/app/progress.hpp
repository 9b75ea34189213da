// How far a long command is, on a terminal as one line that changes, elsewhere not at all.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

#include <brio/base/figures.hpp>

namespace brio::app {

/// `12,000 of 63,666 (19 %)`, or `12,000` when it is not known of how many. Pure.
std::string progress_text(std::uint64_t done, std::uint64_t of);

/// The line; ended when it is destroyed. Shown ten times a second at most.
class ProgressLine {
public:
    /// `wanted` false: shows nothing.
    ProgressLine(std::string what, bool wanted);
    ~ProgressLine();
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    void show(std::uint64_t done, std::uint64_t of);

private:
    const std::string what_;
    const bool is_shown_;
    bool has_shown_ = false;
    std::chrono::nanoseconds last_{0};
};

}  // namespace brio::app
