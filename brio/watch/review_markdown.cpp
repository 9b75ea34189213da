#include <brio/watch/review_sections.hpp>
#include <brio/watch/review_writers.hpp>

#include <cctype>

#include <brio/base/terminal_text.hpp>
#include <brio/base/text.hpp>
#include <brio/json/write.hpp>

namespace brio::watch {

namespace {

/// With what means something in Markdown made plain; on one line.
std::string plain(std::string_view words) {
    const auto text = without_controls(words);
    const auto is_of_word = [&](std::size_t i) {
        return i < text.size() && (std::isalnum(static_cast<unsigned char>(text[i])) != 0 ||
                                   static_cast<unsigned char>(text[i]) >= 0x80);
    };
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        switch (c) {
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '&': out += "&amp;"; break;
            case '\\':
            case '`':
            case '*':
            case '[':
            case ']':
            case '|':
            case '#':
            case '~':
                out += '\\';
                out += c;
                break;
            case '_':  // means something at the ends of a word only
                out += is_of_word(i - 1) && is_of_word(i + 1) ? "_" : "\\_";
                break;
            default: out += c;
        }
    }
    return out;
}

/// As code on one line within a table; backticks, which would end it, become apostrophes.
std::string code(std::string_view text) {
    if (text.empty()) {
        return {};
    }
    std::string out = "`";
    for (const char c : without_controls(text)) {
        out += c == '`' ? "'" : c == '|' ? "\\|" : std::string_view(&c, 1);
    }
    return out + "`";
}

std::string cell_text(const ReviewCell& cell) {
    return cell.kind == ReviewCell::Kind::code ? code(cell.text) : plain(cell.text);
}

void write_table(std::string& out, const ReviewSection& section) {
    std::string rule = "|";
    out += "|";
    for (const ReviewColumn& column : section.columns) {
        if (!column.is_drawn) {
            out += concat({" ", plain(column.title), " |"});
            rule += column.is_number ? " --: |" : " --- |";
        }
    }
    out += concat({"\n", rule, "\n"});
    for (const auto& row : section.rows) {
        out += "|";
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (!section.columns[i].is_drawn) {
                out += concat({" ", cell_text(row[i]), " |"});
            }
        }
        out += "\n";
    }
    out += "\n";
}

void write_first(std::string& out, const std::vector<ReviewAction>& actions) {
    out += "## What to do first\n\n";
    if (actions.empty()) {
        out += "Nothing asks for it.\n\n";
        return;
    }
    int number = 0;
    for (const ReviewAction& each : actions) {
        out += concat({integer_text(++number), ". **", plain(each.what), "** (", each.urgency, ")  \n   ",
                       plain(each.why), each.how.empty() ? "" : " ", plain(each.how),
                       " To gain: ", plain(each.gain), each.code.empty() ? ".\n" : ".  \n"});
        if (!each.code.empty()) {
            out += concat({"   ", code(each.code), "\n"});
        }
    }
    out += "\n";
}

}  // namespace

std::string write_markdown(const Review& review) {
    auto out = concat({"# ", plain(review.program), ": review of ", plain(review.since), "\n\n",
                       minute_text(review.period.from), " to ", minute_text(review.period.until),
                       " UTC, version ", plain(review.version), ". **", plain(review.headline), "**\n\n"});
    for (const std::string& note : review.notes) {
        out += concat({"> ", plain(note), "\n>\n"});
    }
    if (!review.notes.empty()) {
        out.replace(out.size() - 2, 2, "\n");
    }
    write_first(out, review.first);
    for (const ReviewSection& section : sections_of(review)) {
        out += concat({"## ", plain(section.title), "\n\n", plain(section.words), "\n\n"});
        if (!section.rows.empty()) {
            write_table(out, section);
        }
    }
    out.pop_back();
    return out;
}

std::optional<ReviewFormat> review_format(std::string_view name) noexcept {
    for (const auto format : {ReviewFormat::html, ReviewFormat::markdown, ReviewFormat::json}) {
        if (name == name_of(format)) {
            return format;
        }
    }
    return std::nullopt;
}

std::string_view name_of(ReviewFormat format) noexcept {
    static constexpr std::string_view names[] = {"html", "md", "json"};
    return names[static_cast<std::size_t>(format)];
}

std::string write_review(const Review& review, ReviewFormat format) {
    switch (format) {
        case ReviewFormat::html: return write_html(review);
        case ReviewFormat::markdown: return write_markdown(review);
        case ReviewFormat::json: break;
    }
    return json::to_string(review) + "\n";
}

}  // namespace brio::watch
