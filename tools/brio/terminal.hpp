// The terminal of this process while something is drawn on all of it: keys come one by one and unseen, what
// was there before comes back at the end.
#pragma once
#include <termios.h>

#include <string_view>

#include "screen_text.hpp"
#include "top_view.hpp"

namespace brio::tool {

class Terminal {
public:
    /// Enters. Requires is_there().
    Terminal();
    /// Leaves, if it is not left.
    ~Terminal();
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;

    /// Whether standard input and output are one that can be drawn on.
    static bool is_there();
    /// As it is now; 80 × 24 when it does not say.
    static Size size();

    /// On its other screen, with reads of standard input that do not wait.
    void enter();
    /// As it was. May be called by whoever ends the process.
    void leave() noexcept;
    /// False when nobody is there any more.
    static bool write(std::string_view text) noexcept;

private:
    termios before_{};
    bool is_entered_ = false;
};

/// What standard output can show: colours on a terminal unless NO_COLOR (no-color.org) is set; other
/// characters than ASCII when the locale is one of UTF-8.
Look look_of_output();

}  // namespace brio::tool
