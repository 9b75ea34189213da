#include <brio/app/progress.hpp>

#include <unistd.h>

#include <cstdio>

#include <brio/base/clock.hpp>
#include <brio/base/text.hpp>

namespace brio::app {

std::string progress_text(std::uint64_t done, std::uint64_t of) {
    if (of == 0) {
        return grouped(done);
    }
    auto const percent = static_cast<unsigned>(100.0 * static_cast<double>(done) / static_cast<double>(of));
    return concat({grouped(done), " of ", grouped(of), " (", integer_text(percent), " %)"});
}

ProgressLine::ProgressLine(std::string what, bool wanted)
    : what_(std::move(what)),
      is_shown_(wanted && ::isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
    if (has_shown_) {
        std::fputs("\r\033[K", stderr);
    }
}

void ProgressLine::show(std::uint64_t done, std::uint64_t of) {
    constexpr std::chrono::milliseconds between{100};
    auto const now = monotonic_now();
    if (!is_shown_ || (has_shown_ && now - last_ < between)) {
        return;
    }
    has_shown_ = true;
    last_ = now;
    std::fputs(concat({"\r\033[K", what_, " ", progress_text(done, of)}).c_str(), stderr);
    std::fflush(stderr);
}

}  // namespace brio::app
