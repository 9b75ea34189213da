// What the server process and its workers record of their work in memory that they share, made before any of
// them is forked: whichever ends, the others can still tell.
#pragma once
#include <memory>

#include <brio/app/worker_board.hpp>
#include <brio/base/recent_log.hpp>
#include <brio/base/shared_memory.hpp>
#include <brio/ledger/black_box.hpp>
#include <brio/runtime/sampler.hpp>

namespace brio::app {

struct Recordings {
    ledger::BlackBox::Slots slow;
    RecentLog log;
    runtime::SampleRings samples;
    WorkerBoard workers;
};

/// The sampler of a process; null when `rate` is 0.
inline std::unique_ptr<runtime::Sampler> sample_threads(Recordings& recordings, std::uint32_t rate,
                                                        metrics::Registry& registry) {
    return rate == 0 ? nullptr : std::make_unique<runtime::Sampler>(recordings.samples, rate, registry);
}

}  // namespace brio::app
