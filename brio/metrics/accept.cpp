// Which exposition a scraper's Accept header asks for.
#include <brio/metrics/exposition.hpp>

#include <brio/base/text.hpp>

#include <algorithm>

namespace brio::metrics {

namespace {

/// Cuts the text up to the next separator off the front.
std::string_view cut(std::string_view& text, char separator) noexcept {
    const std::size_t end = std::min(text.find(separator), text.size());
    const std::string_view part = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
}

/// A qvalue (RFC 9110, 12.4.2) in thousandths; one that is malformed refuses.
int quality(std::string_view text) noexcept {
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1') ||
        (text.size() > 1 && text[1] != '.')) {
        return 0;
    }
    int thousandths = (text[0] - '0') * 1000;
    int place = 100;
    for (const char c : text.substr(std::min<std::size_t>(2, text.size()))) {
        if (c < '0' || c > '9') {
            return 0;
        }
        thousandths += (c - '0') * place;
        place /= 10;
    }
    return std::min(thousandths, 1000);
}

}  // namespace

Exposition accepted_exposition(std::string_view accept) noexcept {
    int open_metrics = 0;
    int prometheus = 0;
    while (!accept.empty()) {
        std::string_view range = cut(accept, ',');
        const std::string_view type = cut(range, ';');
        int weight = 1000;
        bool known_version = true;
        while (!range.empty()) {
            std::string_view value = cut(range, ';');
            const std::string_view name = cut(value, '=');
            if (equal_ignoring_case(name, "q")) {
                weight = quality(value);
            } else if (equal_ignoring_case(name, "version")) {
                known_version = value == "1.0.0" || value == "0.0.1";
            }
        }
        if (equal_ignoring_case(type, "application/openmetrics-text")) {
            open_metrics = std::max(open_metrics, known_version ? weight : 0);
        } else if (equal_ignoring_case(type, "text/plain") || equal_ignoring_case(type, "text/*")) {
            prometheus = std::max(prometheus, weight);
        }
    }
    return open_metrics > 0 && open_metrics >= prometheus ? Exposition::open_metrics : Exposition::prometheus;
}

}  // namespace brio::metrics
