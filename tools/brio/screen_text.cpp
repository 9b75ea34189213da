#include "screen_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <brio/base/terminal_text.hpp>
#include <brio/base/text.hpp>

namespace brio::tool {

namespace {

constexpr std::size_t gap = 2;              // between columns
constexpr std::size_t least_stretched = 8;  // columns of the one that takes what is left

// One for each phase of the ledger, in its order, as 256-colour backgrounds that bear black letters.
constexpr std::array<int, 17> phase_colours{109, 180, 146, 115, 209, 74,  152, 139, 187,
                                            217, 107, 222, 181, 145, 180, 107, 146};

std::string colour_of(const Piece& piece) {
    switch (piece.ink) {
        case Ink::soft: return "\x1b[2m";
        case Ink::strong: return "\x1b[1m";
        case Ink::good: return "\x1b[32m";
        case Ink::bad: return "\x1b[1;31m";
        case Ink::warn: return "\x1b[33m";
        case Ink::chosen: return "\x1b[7m";
        case Ink::phase:
            return concat(
                {"\x1b[30;48;5;", integer_text(phase_colours[piece.number % phase_colours.size()]), "m"});
        default: return {};
    }
}

// The few characters of our own in ASCII; what else there is becomes a question mark.
std::string ascii_of(std::string_view text) {
    static constexpr std::pair<std::string_view, char> similar[] = {
        {"…", '~'}, {"·", '-'}, {"█", '#'}, {"░", '.'}, {"│", '|'}, {"●", '*'}, {"○", 'o'}, {"↓", 'v'}};
    std::string result;
    while (!text.empty()) {
        const auto lead = static_cast<unsigned char>(text.front());
        const std::size_t bytes = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        const auto one = text.substr(0, bytes);
        const auto* const found =
            std::ranges::find(similar, one, [](const auto& each) { return each.first; });
        result += bytes == 1 ? text.front() : found != std::end(similar) ? found->second : '?';
        text.remove_prefix(std::min(bytes, text.size()));
    }
    return result;
}

std::size_t natural_width(const Table& table, std::size_t column) {
    std::size_t width = display_width(table.columns[column].title);
    for (const auto& row : table.rows) {
        width = std::max(width, width_of(row[column]));
    }
    return width;
}

/// Of each column; 0: it is left out.
std::vector<std::size_t> widths_of(const Table& table, std::size_t columns) {
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        widths.push_back(natural_width(table, i));
    }
    const auto needed = [&] {
        std::size_t sum = 0;
        for (std::size_t i = 0; i < widths.size(); ++i) {
            const auto least =
                table.columns[i].stretches ? std::min(widths[i], least_stretched * 2) : widths[i];
            sum += widths[i] == 0 ? 0 : least + (sum == 0 ? 0 : gap);
        }
        return sum;
    };
    for (std::size_t i = widths.size(); i-- > 0 && needed() > columns;) {
        widths[i] = table.columns[i].is_spare ? 0 : widths[i];
    }
    std::size_t others = 0;
    std::size_t stretched = widths.size();
    for (std::size_t i = 0; i < widths.size(); ++i) {
        if (table.columns[i].stretches) {
            stretched = i;
        } else if (widths[i] > 0) {
            others += widths[i] + gap;
        }
    }
    if (stretched < widths.size()) {
        const auto left = columns > others ? columns - others : 0;
        widths[stretched] = std::min(widths[stretched], std::max(left, least_stretched));
    }
    return widths;
}

Line lay_out_row(const Table& table, const std::vector<Line>& cells, const std::vector<std::size_t>& widths,
                 std::size_t columns) {
    Line line;
    std::size_t at = 0;
    for (std::size_t i = 0; i < widths.size(); ++i) {
        if (widths[i] == 0) {
            continue;
        }
        fill(line, at);
        auto cell = cut(cells[i], widths[i]);
        if (table.columns[i].is_right) {
            fill(line, at + widths[i] - width_of(cell));
        }
        append(line, cell);
        at += widths[i] + gap;
    }
    return cut(line, columns);
}

}  // namespace

Line line_of(std::string_view text, Ink ink) { return {{.text = printable(text), .ink = ink}}; }

std::size_t width_of(const Line& line) {
    std::size_t width = 0;
    for (const auto& piece : line) {
        width += display_width(piece.text);
    }
    return width;
}

Line cut(const Line& line, std::size_t columns) {
    if (width_of(line) <= columns) {
        return line;
    }
    Line result;
    std::size_t left = columns;
    for (const auto& piece : line) {
        const auto width = display_width(piece.text);
        if (width < left) {
            result.push_back(piece);
            left -= width;
            continue;
        }
        // the one that reaches the edge: there is more behind it, or in it
        auto text = fit(piece.text + "…", left);
        result.push_back({.text = std::move(text), .ink = piece.ink, .number = piece.number});
        break;
    }
    return result;
}

void append(Line& line, const Line& more) { line.insert(line.end(), more.begin(), more.end()); }

void fill(Line& line, std::size_t columns) {
    const auto width = width_of(line);
    if (width < columns) {
        line.push_back({.text = std::string(columns - width, ' ')});
    }
}

std::vector<std::string> wrap(std::string_view text, std::size_t columns, std::size_t most) {
    const auto clean = printable(text);
    std::vector<std::string> lines;
    std::string_view rest = trim(clean);
    columns = std::max<std::size_t>(columns, 1);
    while (!rest.empty() && lines.size() < most) {
        std::size_t end = 0;  // behind the last word that fits
        for (std::size_t at = 0; at < rest.size();) {
            const auto next = std::min(rest.find(' ', at + 1), rest.size());
            if (display_width(rest.substr(0, next)) > columns) {
                break;
            }
            end = at = next;
        }
        if (end == 0 || lines.size() + 1 == most) {
            auto line = fit(lines.size() + 1 == most ? rest : rest.substr(0, rest.find(' ')), columns);
            end = lines.size() + 1 == most ? rest.size() : std::min(rest.find(' '), rest.size());
            lines.push_back(std::move(line));
        } else {
            lines.emplace_back(rest.substr(0, end));
        }
        rest = trim(rest.substr(end));
    }
    return lines;
}

std::vector<Line> lay_out(const Table& table, std::size_t columns) {
    const auto widths = widths_of(table, columns);
    std::vector<Line> titles;
    for (const auto& column : table.columns) {
        titles.push_back(line_of(column.title, Ink::soft));
    }
    std::vector<Line> lines{lay_out_row(table, titles, widths, columns)};
    for (const auto& row : table.rows) {
        lines.push_back(lay_out_row(table, row, widths, columns));
    }
    return lines;
}

Line gauge(double share, std::size_t columns, Ink ink) {
    const auto full =
        static_cast<std::size_t>(std::lround(std::clamp(share, 0.0, 1.0) * static_cast<double>(columns)));
    std::string used;
    std::string free;
    for (std::size_t i = 0; i < columns; ++i) {
        (i < full ? used : free) += i < full ? "█" : "░";
    }
    return {{.text = std::move(used), .ink = ink}, {.text = std::move(free), .ink = Ink::soft}};
}

std::string write_line(const Line& line, const Look& look) {
    std::string text;
    for (const auto& piece : line) {
        const auto shown = look.is_unicode ? printable(piece.text) : ascii_of(printable(piece.text));
        const auto colour = look.has_colour && !shown.empty() ? colour_of(piece) : std::string();
        text += concat({colour, shown, colour.empty() ? "" : "\x1b[0m"});
    }
    if (!look.has_colour) {
        text.erase(text.find_last_not_of(' ') + 1);
    }
    return text;
}

std::string write_screen(const std::vector<Line>& lines, std::size_t columns, std::size_t rows,
                         const Look& look) {
    std::string text = "\x1b[H";
    for (std::size_t i = 0; i < rows; ++i) {
        const auto line = i < lines.size() ? cut(lines[i], columns) : Line();
        text += write_line(line, look);
        // of a full line the cursor stays on the last character, which would be erased
        text += width_of(line) < columns ? "\x1b[K" : "";
        text += i + 1 < rows ? "\r\n" : "";
    }
    return text;
}

}  // namespace brio::tool
