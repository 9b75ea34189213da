// Test-only: a run as a report shows it.
#pragma once
#include <brio/base/random.hpp>
#include <brio/load/blocks.hpp>
#include <brio/load/report.hpp>

namespace brio::load {

/// Twenty seconds of two kinds of requests at 50 users, a stall in the twelfth second, some failures.
inline Report sample_report() {
    using std::chrono::seconds;
    constexpr int duration = 20;
    Report report{.at = WallTime(seconds(1'790'000'000))};
    report.outcome.plan = {.target = "http://127.0.0.1:8080/?token=secret",
                           .scenario = "ApiUser",
                           .stages = {{.duration = seconds(duration), .from = 50, .to = 50}}};
    report.outcome.counted = seconds(duration);
    report.outcome.cpu = {.generator = 0.31, .busiest_thread = 0.31, .server = 0.84};
    report.outcome.most_users = 50;
    Random random(1);
    Blocks blocks{seconds(duration)};
    for (int second = 0; second < duration; ++second) {
        Record part;
        auto const list = part.id_of("GET", "/api/resources");
        auto const update = part.id_of("PUT", "/api/resources/{id}");
        part.series().users(seconds(second), 50);
        for (int i = 0; i < 200; ++i) {
            auto const latency = static_cast<std::uint64_t>(
                1e6 * (second == 12 ? 80 : 1 + 4 * random.uniform() * random.uniform()));
            auto const is_bad = random.uniform() < 0.01;
            part.answer({.id = i % 4 == 0 ? update : list,
                         .status = is_bad ? 503 : 200,
                         .now = seconds(second),
                         .latency_ns = latency,
                         .uncorrected_ns = latency / 2,
                         .bytes_sent = 120,
                         .bytes_received = 5'000,
                         .is_failure = is_bad});
        }
        part.check(list, "has items <first>", true, false, seconds(second));
        part.series().close();
        blocks.add(seconds(second + 1), part);
        report.outcome.record.merge(part);
    }
    report.blocks = blocks.figures();
    report.outcome.saturation = saturation_of(report.outcome);
    Threshold const goals[] = {parse_threshold("p99<200ms").value(), parse_threshold("p95<4ms").value(),
                               parse_threshold("error_rate<2%").value()};
    report.verdict = judge(goals, report.outcome.record, duration);
    return report;
}

}  // namespace brio::load
