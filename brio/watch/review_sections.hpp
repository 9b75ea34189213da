// The parts of a review as tables, for whoever writes them. Pure; internal to the writers.
#pragma once
#include <string>
#include <vector>

#include <brio/watch/review.hpp>

namespace brio::watch {

struct ReviewCell {
    enum class Kind : std::uint8_t {
        words,
        number,
        code,     // a statement, a plan
        verdict,  // a word of few that stand out
        course,   // `values`, with `limit` and where the period begins; its text is for who cannot see it
        parts,    // `values` are shares of a whole; its text says of what
        share,    // values[0] of a whole
    };
    Kind kind = Kind::words;
    std::string text;
    std::vector<float> values = {};
    double limit = 0;
    std::size_t begins = 0;  // the index of the period's first value
};
struct ReviewColumn {
    std::string title;
    bool is_number = false;
    bool is_drawn = false;  // nothing without a picture
};
struct ReviewSection {
    std::string title;
    std::string words;  // what it shows, or that there is nothing
    std::vector<ReviewColumn> columns;
    std::vector<std::vector<ReviewCell>> rows;
};

/// Without what to do first. Those that have nothing to tell say so in their words.
std::vector<ReviewSection> sections_of(const Review& review);

/// "2026-11-26 05:17".
std::string minute_text(Timestamp at);

}  // namespace brio::watch
