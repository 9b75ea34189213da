// Manual pages in the man(7) macros, made of what may be typed and of the prose that help has no place for.
#pragma once
#include <string>
#include <vector>

#include <brio/base/usage.hpp>

namespace brio {

/// Paragraphs with an empty line between. One of lines that begin with four spaces is shown as it is; one
/// that begins with "* TERM: " is an entry of a list; what stands in `backquotes` is bold.
struct ManualSection {
    std::string title;  // "EXAMPLES"
    std::string text;
};

struct Manual {
    std::string name;     // "brio-load"
    std::string typed;    // "brio load"
    std::string summary;  // "make requests and …"
    std::string source;   // "Brio 0.1.0"
    std::string date;     // "2026-11-26"
    Usage usage;
    std::vector<ManualSection> first;  // before the options and commands
    std::vector<ManualSection> last;   // behind them
};

std::string manual_page(const Manual& manual);

/// Today, or the day of SOURCE_DATE_EPOCH, so that a page can be made again byte for byte.
std::string manual_date();

}  // namespace brio
