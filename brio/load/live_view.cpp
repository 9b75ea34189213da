#include <brio/load/live_view.hpp>

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <brio/base/text.hpp>

namespace brio::load {
namespace {

void write(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
}

}  // namespace

TextStyle style_of(int descriptor) {
    if (::isatty(descriptor) == 0) {
        return {};
    }
    TextStyle style;
    const char* no_colour = std::getenv("NO_COLOR");
    style.has_colour = no_colour == nullptr || *no_colour == '\0';
    winsize size{};
    constexpr unsigned short least = 60;
    if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        style.width = std::max(size.ws_col, least) - 1U;
    }
    return style;
}

LiveView::LiveView(std::chrono::nanoseconds lasts, bool quiet)
    : kind_(quiet                          ? Kind::none
            : ::isatty(STDERR_FILENO) == 1 ? Kind::table
                                           : Kind::lines),
      style_(style_of(STDERR_FILENO)),
      between_(std::max<std::chrono::nanoseconds>(std::chrono::seconds(1), lasts / 20)) {}

LiveView::~LiveView() { clear(); }

void LiveView::show(const Moment& moment, const Plan& plan, const Record& so_far) {
    if (kind_ == Kind::table) {
        const std::string text = live_text(moment, plan, so_far, style_);
        clear();
        write(text);
        lines_ = std::ranges::count(text, '\n');
    } else if (kind_ == Kind::lines && moment.at >= next_) {
        next_ = std::chrono::floor<std::chrono::seconds>(moment.at) + between_;
        write(progress_line(moment, plan, so_far) + "\n");
    }
}

void LiveView::clear() {
    if (lines_ > 0) {
        write(concat({"\x1b[", integer_text(lines_), "A\x1b[J"}));
        lines_ = 0;
    }
}

}  // namespace brio::load
