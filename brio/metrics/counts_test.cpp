#include <brio/metrics/counts.hpp>

#include <gtest/gtest.h>

#include <brio/base/buffer.hpp>
#include <brio/metrics/exposition.hpp>

namespace brio::metrics {
namespace {

std::string text_of(Registry& registry) {
    Buffer out;
    write_exposition(out, registry, Exposition::prometheus);
    return std::string(out.view());
}

/// What a process counts.
struct Counts {
    explicit Counts(Registry& registry)
        : runs(registry.counter({.name = "runs_total", .help = "Runs.", .labels = {"task"}})),
          took(registry.histogram({.name = "took_seconds", .help = "Took.", .labels = {}, .exemplars = true})
                   .with({})),
          phases(registry.summary({.name = "phase_seconds", .help = "Phases.", .labels = {"phase"}})),
          here(registry.gauge({.name = "here", .help = "Own.", .labels = {}}).with({})) {}
    Family<Counter> runs;
    Histogram took;
    Family<Summary> phases;
    Gauge here;
};

TEST(Counts, WhatTwoProcessesCountIsTheirSum) {
    Registry server_registry;
    Registry alone;
    Counts both(alone);
    Counts server(server_registry);
    CountReceiver receiver(server_registry);
    Registry worker_registries[2];
    for (Registry& registry : worker_registries) {
        Counts worker(registry);
        CountSender sender(registry);
        for (int round = 1; round <= 2; ++round) {
            for (Counts* each : {&worker, &both}) {
                Registry& its = each == &worker ? registry : alone;
                const Seat seat(its);
                each->runs.with({"a\"b\n"}).add(its.here(), 3);
                each->took.observe(its.here(), 1'000'000u * static_cast<unsigned>(round));
                each->phases.with({"db"}).observe(its.here(), 500);
                each->runs.with({"later"}).add(its.shared(), static_cast<unsigned>(round - 1));
            }
            worker.here.set(7);
            sender.send([&](std::string_view message) { return receiver.add(message); });
        }
    }
    for (Counts* each : {&server, &both}) {
        Registry& its = each == &server ? server_registry : alone;
        each->runs.with({"a\"b\n"}).add(its.here(), 2);
        each->here.set(1);
    }
    EXPECT_EQ(text_of(server_registry), text_of(alone));
}

TEST(Counts, WhatWasNotTakenGoesWithTheNextMessage) {
    Registry from;
    Registry to;
    const Counts worker(from);
    CountSender sender(from);
    CountReceiver receiver(to);
    worker.runs.with({"x"}).add(from.here());
    int asked = 0;
    sender.send([&](std::string_view) { return ++asked < 0; });
    EXPECT_EQ(asked, 1);
    worker.runs.with({"x"}).add(from.here());
    sender.send([&](std::string_view message) { return receiver.add(message); });
    EXPECT_NE(text_of(to).find("runs_total{task=\"x\"} 2\n"), std::string::npos) << text_of(to);
    sender.send([&](std::string_view) { return ++asked < 0; });
    EXPECT_EQ(asked, 1) << "nothing was counted since";
}

TEST(Counts, ManySeriesGoInSeveralMessages) {
    Registry from;
    Registry to;
    const Counts worker(from);
    for (int i = 0; i < 900; ++i) {
        worker.runs.with({std::to_string(i)}).add(from.here());
    }
    CountSender sender(from);
    CountReceiver receiver(to);
    int messages = 0;
    sender.send([&](std::string_view message) {
        EXPECT_LT(message.size(), 2 * CountSender::most_message);
        ++messages;
        return receiver.add(message);
    });
    EXPECT_GT(messages, 1);
    EXPECT_NE(text_of(to).find("runs_total{task=\"899\"} 1\n"), std::string::npos);
}

TEST(Counts, WhatDoesNotFitIsRefused) {
    Registry from;
    const Counts worker(from);
    worker.runs.with({"x"}).add(from.here());
    std::string message;
    CountSender(from).send([&](std::string_view sent) {
        message = sent;
        return true;
    });
    const std::chrono::nanoseconds goals[] = {std::chrono::milliseconds(123)};
    Registry other_edges{Edges(goals)};
    EXPECT_FALSE(CountReceiver(other_edges).add(message));
    Registry other_kind;
    (void)other_kind.counter({.name = "runs_total", .help = "", .labels = {}});
    EXPECT_FALSE(CountReceiver(other_kind).add(message));
    for (std::size_t size = 0; size < message.size(); ++size) {
        Registry to;
        EXPECT_EQ(CountReceiver(to).add(std::string_view(message).substr(0, size)), size == 8) << size;
    }
    // Any other byte: refused or taken for something else, and nothing breaks.
    for (std::size_t i = 8; i < message.size(); ++i) {
        auto changed = message;
        changed[i] = static_cast<char>(changed[i] ^ 0x55);
        Registry to;
        (void)CountReceiver(to).add(changed);
    }
}

}  // namespace
}  // namespace brio::metrics
