#include <brio/base/figures.hpp>
#include <brio/base/junit.hpp>
#include <brio/base/text.hpp>
#include <brio/bench/report.hpp>

namespace brio::bench {

std::string junit_of(const Report& report) {
    JunitSuite suite{
        .program = "bench", .name = report.program, .timestamp = {}, .properties = {}, .tests = {}};
    for (auto const& each : report.cases) {
        std::string words;
        for (auto const& fault : each.faults) {
            words += concat({words.empty() ? "" : "; ", fault});
        }
        if (words.empty() && each.warm) {
            words = concat({"p99 ", decimal_text(each.warm->p99_ms, 3), "ms, ",
                            percent_text(each.warm->within), " within the goal"});
        }
        suite.tests.push_back({.kind = "request",
                               .name = each.request,
                               .seconds = each.warm ? each.warm->p99_ms / 1e3 : 0,
                               .words = words.empty() ? "passes" : std::move(words),
                               .is_failed = !each.faults.empty()});
    }
    return write_junit(suite);
}

}  // namespace brio::bench
