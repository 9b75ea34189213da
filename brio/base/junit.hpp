// What was judged as JUnit's XML, which CI systems show as tests. Pure.
#pragma once
#include <string>
#include <utility>
#include <vector>

namespace brio {

struct JunitTest {
    std::string kind;  // "goal": the class is "SUITE.goal"
    std::string name;
    double seconds = 0;
    std::string words;  // what was measured, and of a failed one what is wrong
    bool is_failed = false;
    bool is_skipped = false;
};
struct JunitSuite {
    std::string program;  // "load"
    std::string name;
    std::string timestamp;  // "2026-11-26T14:19:03"; empty: not known
    double seconds = 0;
    std::vector<std::pair<std::string, std::string>> properties;
    std::vector<JunitTest> tests;
};
/// A document of one suite. Text may come from anywhere: what XML cannot hold is replaced.
std::string write_junit(const JunitSuite& suite);

}  // namespace brio
