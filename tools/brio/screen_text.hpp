// Lines of a terminal as values: pieces of text with what they mean, tables of them, and the bytes that show
// them. Pure.
//
// Text may come from anywhere: pieces are made of printable() text, and whatever is in one, the bytes of a
// line hold no control characters but its own colours.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace brio::tool {

/// What a piece of text is; a colour never says it alone.
enum class Ink : std::uint8_t {
    plain,
    soft,    // of less weight
    strong,  // a title
    good,
    bad,
    warn,
    chosen,  // of several
    phase,   // a part of a bar; with its number
};
struct Piece {
    std::string text;
    Ink ink = Ink::plain;
    std::uint8_t number = 0;
};
using Line = std::vector<Piece>;

Line line_of(std::string_view text, Ink ink = Ink::plain);
std::size_t width_of(const Line& line);
/// No wider than `columns`: cut with … where it is.
Line cut(const Line& line, std::size_t columns);
void append(Line& line, const Line& more);
/// Spaces up to `columns`.
void fill(Line& line, std::size_t columns);
/// Words in lines of at most `columns`; a word that is longer is cut up. At most `most` lines.
std::vector<std::string> wrap(std::string_view text, std::size_t columns, std::size_t most);

struct Column {
    std::string_view title;
    bool is_right = false;   // figures
    bool stretches = false;  // takes what the others leave: one of them
    bool is_spare = false;   // left out when there is no room for it
};
struct Table {
    std::vector<Column> columns;
    std::vector<std::vector<Line>> rows;
};
/// The titles and the rows, none wider than `columns`; two spaces between.
std::vector<Line> lay_out(const Table& table, std::size_t columns);

/// How full something is: "████░░░░", `columns` wide, `share` in 0 to 1.
Line gauge(double share, std::size_t columns, Ink ink);

/// What a terminal can show.
struct Look {
    bool has_colour = false;
    bool is_unicode = true;  // without it other characters than ASCII are shown by similar ones, or as ?
};
std::string write_line(const Line& line, const Look& look);
/// All of a terminal of this size anew, from its upper left corner: lines beyond are left out.
std::string write_screen(const std::vector<Line>& lines, std::size_t columns, std::size_t rows,
                         const Look& look);

}  // namespace brio::tool
