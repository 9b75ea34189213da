#include "terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <brio/base/text.hpp>

namespace brio::tool {

namespace {

// The other screen, no cursor, no line that goes on in the next one (xterm's private modes).
constexpr std::string_view entering = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[H\x1b[2J";
constexpr std::string_view leaving = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l";

std::string_view environment(const char* name) noexcept {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string_view() : std::string_view(value);
}

bool is_utf8_locale() {
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        if (const auto value = environment(name); !value.empty()) {
            const auto low = lower(value);
            return low.contains("utf-8") || low.contains("utf8");
        }
    }
    return false;
}

}  // namespace

Terminal::Terminal() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) {
        throw std::system_error(errno, std::generic_category(), "the terminal does not tell its settings");
    }
    enter();
}

Terminal::~Terminal() { leave(); }

bool Terminal::is_there() {
    return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1 && environment("TERM") != "dumb";
}

Size Terminal::size() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) {
        return {};
    }
    return {.columns = size.ws_col, .rows = size.ws_row};
}

void Terminal::enter() {
    auto settings = before_;
    settings.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | IEXTEN);
    settings.c_cc[VMIN] = 0;
    settings.c_cc[VTIME] = 0;
    if (::tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings) != 0) {
        throw std::system_error(errno, std::generic_category(), "the terminal does not take settings");
    }
    is_entered_ = true;
    write(entering);
}

void Terminal::leave() noexcept {
    if (is_entered_) {
        is_entered_ = false;
        write(leaving);
        ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
    }
}

bool Terminal::write(std::string_view text) noexcept {
    while (!text.empty()) {
        const auto written = ::write(STDOUT_FILENO, text.data(), text.size());
        if (written < 0 && errno != EINTR) {
            return false;
        }
        text.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
    return true;
}

Look look_of_output() {
    return {.has_colour = ::isatty(STDOUT_FILENO) == 1 && environment("NO_COLOR").empty() &&
                          environment("TERM") != "dumb",
            .is_unicode = is_utf8_locale()};
}

}  // namespace brio::tool
