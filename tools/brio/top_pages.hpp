// The pages of `brio top`, as lines of any number. Pure.
#pragma once
#include <string>
#include <vector>

#include "screen_text.hpp"
#include "top_choice.hpp"
#include "top_state.hpp"

namespace brio::tool {

/// What a page is drawn with. Rows that do not have the filter are left out; so are the overview's beyond
/// `lines` (0: none are).
struct Frame {
    std::size_t columns = 80;
    std::size_t lines = 0;
    std::string filter = {};
    std::string_view order = {};
    bool is_reversed = false;
};

std::vector<Line> page_lines(const TopView& view, Page page, const Frame& frame);

// Parts of them.
std::vector<Line> goal_lines(const TopView& view, const Frame& frame);
std::vector<Line> work_lines(const TopView& view, const Frame& frame, std::string_view scope);
std::vector<Line> query_lines(const TopView& view, const Frame& frame);
std::vector<Line> task_lines(const TopView& view, const Frame& frame);
std::vector<Line> queue_lines(const TopView& view, const Frame& frame);
std::vector<Line> resource_lines(const TopView& view, const Frame& frame);
std::vector<Line> instance_lines(const TopView& view, const Frame& frame);
std::vector<Line> log_lines(const TopView& view, const Frame& frame);

/// Where the time of a unit of work goes, phase by phase, with the name of each that has room for it.
Line phase_bar(const std::vector<PhaseAnswer>& phases, std::size_t columns);

// Figures as they are shown.
std::string milliseconds_text(double ms);
std::string per_second_text(double rate);
std::string age_text(Timestamp from, Timestamp now);
/// "12:01:07", of UTC.
std::string clock_text(Timestamp moment);

/// Whether one of the texts has the filter, whatever the case of ASCII letters.
bool passes(const Frame& frame, std::initializer_list<std::string_view> texts);

}  // namespace brio::tool
