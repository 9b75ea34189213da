// A load test as JUnit's XML, which CI systems show as tests. Pure.
#pragma once
#include <string>

#include <brio/load/report.hpp>

namespace brio::load {

/// One suite: a test for each goal, and one for each check that users made, with what was measured in its
/// output. The time of a test is what a latency goal measured, in seconds, so that a CI's chart of it is the
/// chart of that latency; of others it is that of the run. A check fails when a goal on checks is missed and
/// the check does not hold it by itself; so a test fails if and only if the run missed a goal. A goal with
/// nothing to judge by is skipped. Properties of the suite: what was asked, rates and latencies.
std::string write_junit(const Report& report);

}  // namespace brio::load
