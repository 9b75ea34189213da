#include <brio/base/junit.hpp>

#include <algorithm>

#include <brio/base/figures.hpp>
#include <brio/base/html.hpp>
#include <brio/base/terminal_text.hpp>
#include <brio/base/text.hpp>

namespace brio {
namespace {

// XML 1.0 has no control characters, escaped or not.
std::string xml(std::string_view text) { return escape_html(printable(text)); }

std::string attribute(std::string_view name, std::string_view value) {
    return concat({" ", name, "=\"", xml(value), "\""});
}

std::string write_test(const JunitTest& test, std::string_view suite) {
    auto text =
        concat({"    <testcase", attribute("classname", concat({suite, ".", test.kind})),
                attribute("name", test.name), attribute("time", decimal_text(test.seconds, 6)), ">\n"});
    if (test.is_failed) {
        text +=
            concat({"      <failure", attribute("type", "missed"), attribute("message", test.words), "/>\n"});
    }
    if (test.is_skipped) {
        text += concat({"      <skipped", attribute("message", test.words), "/>\n"});
    }
    return text + concat({"      <system-out>", xml(test.words), "</system-out>\n    </testcase>\n"});
}

}  // namespace

std::string write_junit(const JunitSuite& suite) {
    const auto count = [&](bool JunitTest::* which) {
        return integer_text(std::ranges::count(suite.tests, true, which));
    };
    const auto counts = concat({attribute("tests", integer_text(suite.tests.size())),
                                attribute("failures", count(&JunitTest::is_failed)), attribute("errors", "0"),
                                attribute("skipped", count(&JunitTest::is_skipped)),
                                attribute("time", decimal_text(suite.seconds, 3))});
    auto text =
        concat({"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites", attribute("name", suite.program),
                counts, ">\n  <testsuite", attribute("name", suite.name), counts,
                suite.timestamp.empty() ? "" : attribute("timestamp", suite.timestamp), ">\n"});
    if (!suite.properties.empty()) {
        text += "    <properties>\n";
        for (const auto& [name, value] : suite.properties) {
            text += concat({"      <property", attribute("name", name), attribute("value", value), "/>\n"});
        }
        text += "    </properties>\n";
    }
    for (const auto& test : suite.tests) {
        text += write_test(test, suite.name);
    }
    return text + "  </testsuite>\n</testsuites>\n";
}

}  // namespace brio
