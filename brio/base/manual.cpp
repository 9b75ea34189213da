#include <brio/base/manual.hpp>

#include <charconv>
#include <chrono>

#include <brio/base/environment.hpp>
#include <brio/base/text.hpp>

namespace brio {
namespace {

// roff takes a backslash, and a dot or an apostrophe that begins a line, for its own.
std::string escaped(std::string_view text) {
    std::string out;
    for (char const c : text) {
        if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) {
            out += "\\&";
        }
        switch (c) {
            case '\\': out += "\\e"; break;
            case '-': out += "\\-"; break;
            case '`': out += "\\(ga"; break;
            case '^': out += "\\(ha"; break;
            case '~': out += "\\(ti"; break;
            default: out += c;
        }
    }
    return out;
}

std::string bold(std::string_view text) { return concat({"\\fB", escaped(text), "\\fR"}); }
std::string italic(std::string_view text) { return concat({"\\fI", escaped(text), "\\fR"}); }

// With `backquotes` as bold.
std::string prose(std::string_view text) {
    std::string out;
    for (auto is_code = false; !text.empty(); is_code = !is_code) {
        auto const end = text.find('`');
        auto const part = text.substr(0, end);
        if (!part.empty()) {
            out += is_code ? bold(part) : escaped(part);
        }
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return out;
}

std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return out;
}

std::string unindented(std::string_view lines) {
    std::string out;
    while (!lines.empty()) {
        auto const end = std::min(lines.find('\n'), lines.size());
        auto const line = lines.substr(0, end);
        out += escaped(line.substr(std::min<std::size_t>(4, line.size()))) + "\n";
        lines.remove_prefix(std::min(end + 1, lines.size()));
    }
    return out;
}

void add_paragraph(std::string& page, std::string_view paragraph, bool is_first) {
    if (paragraph.starts_with("    ")) {
        page += concat({".PP\n.EX\n", unindented(paragraph), ".EE\n"});
    } else if (auto const colon = paragraph.find(": ");
               paragraph.starts_with("* ") && colon != paragraph.npos) {
        page += concat(
            {".TP\n", prose(paragraph.substr(2, colon - 2)), "\n", prose(paragraph.substr(colon + 2)), "\n"});
    } else {
        page += concat({is_first ? "" : ".PP\n", prose(paragraph), "\n"});
    }
}

void add_section(std::string& page, const ManualSection& section) {
    page += concat({".SH ", escaped(section.title), "\n"});
    std::string_view rest = section.text;
    for (auto is_first = true; !rest.empty(); is_first = false) {
        auto const end = std::min(rest.find("\n\n"), rest.size());
        auto const paragraph = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 2, rest.size()));
        add_paragraph(page, paragraph.substr(0, paragraph.find_last_not_of('\n') + 1), is_first);
    }
}

std::string one_line(std::string_view help) { return help.empty() ? "" : concat({prose(help), "\n"}); }

// "--port", "--format FORMAT" or "FILE".
std::string heading(const UsageOption& option) {
    if (option.is_argument) {
        return italic(option.names.front());
    }
    std::string text;
    for (auto const& name : option.names) {
        text += (text.empty() ? "" : ", ") + bold(name);
    }
    return option.takes_value ? concat({text, " ", italic(option.value.empty() ? "value" : option.value)})
                              : text;
}

// `is_whole`: of the program, whose --help stands for those of its commands.
void add_options(std::string& page, const Usage& usage, bool is_whole) {
    for (auto const& option : usage.options) {
        if (!is_whole && option.names.back() == "--help") {
            continue;
        }
        page += concat({".TP\n", heading(option), "\n", one_line(option.help)});
        if (!option.choices.empty() && !option.is_argument) {
            std::string choices;
            for (auto const& choice : option.choices) {
                choices += (choices.empty() ? "" : ", ") + bold(choice);
            }
            page += concat({"One of ", choices, ".\n"});
        }
    }
}

// What is typed: its options as one word, its arguments, and those that need not be in brackets.
std::string synopsis(const Usage& usage, std::string_view typed) {
    std::string text = bold(typed);
    std::string arguments;
    auto has_options = false;
    for (auto const& option : usage.options) {
        if (!option.is_argument) {
            has_options = has_options || option.names.back() != "--help";
            continue;
        }
        auto const word = concat({italic(option.names.front()), option.is_repeatable ? " ..." : ""});
        arguments += option.is_required ? " " + word : concat({" [", word, "]"});
    }
    text += has_options ? concat({" [", italic("options"), "]"}) : "";
    return concat({text, arguments, usage.takes_any ? " ..." : ""});
}

void add_synopsis(std::vector<std::string>& lines, const Usage& usage, const std::string& typed) {
    if (usage.commands.empty()) {
        lines.push_back(synopsis(usage, typed));
    }
    for (auto const& command : usage.commands) {
        add_synopsis(lines, command, concat({typed, " ", command.name}));
    }
}

std::string synopsis_of_all(const Manual& manual) {
    std::vector<std::string> lines;
    add_synopsis(lines, manual.usage, manual.typed);
    std::string text;
    for (auto const& line : lines) {
        text += concat({text.empty() ? "" : ".br\n", line, "\n"});
    }
    return text;
}

void add_commands(std::string& page, const Usage& usage, const std::string& typed) {
    for (auto const& command : usage.commands) {
        auto const whole = concat({typed, " ", command.name});
        page += concat({".SS ", command.commands.empty() ? synopsis(command, whole) : bold(whole), "\n",
                        one_line(command.help)});
        add_options(page, command, false);
        add_commands(page, command, whole);
    }
}

}  // namespace

std::string manual_page(const Manual& manual) {
    std::string page = concat({".TH ", escaped(upper(manual.name)), " 1 ", manual.date, " \"",
                               escaped(manual.source), "\" \"User Commands\"\n"});
    page += concat({".SH NAME\n", escaped(manual.name), " \\- ", escaped(manual.summary), "\n"});
    page += concat({".SH SYNOPSIS\n.nh\n", synopsis_of_all(manual), ".hy\n"});
    for (auto const& section : manual.first) {
        add_section(page, section);
    }
    if (!manual.usage.options.empty()) {
        page += ".SH OPTIONS\n";
        add_options(page, manual.usage, true);
    }
    if (!manual.usage.commands.empty()) {
        page += ".SH COMMANDS\n";
        add_commands(page, manual.usage, manual.typed);
    }
    for (auto const& section : manual.last) {
        add_section(page, section);
    }
    return page;
}

std::string manual_date() {
    auto now = std::chrono::system_clock::now();
    if (auto const epoch = environment("SOURCE_DATE_EPOCH"); epoch) {
        std::int64_t seconds = 0;
        if (std::from_chars(epoch->data(), epoch->data() + epoch->size(), seconds).ec == std::errc()) {
            now = std::chrono::system_clock::time_point(std::chrono::seconds(seconds));
        }
    }
    std::chrono::year_month_day const day(std::chrono::floor<std::chrono::days>(now));
    auto const two = [](unsigned number) { return concat({number < 10 ? "0" : "", integer_text(number)}); };
    return concat({integer_text(static_cast<int>(day.year())), "-", two(static_cast<unsigned>(day.month())),
                   "-", two(static_cast<unsigned>(day.day()))});
}

}  // namespace brio
