// What the server process and its workers record of their work in memory that they share, made before any of
// them is forked: whichever ends, the others can still tell.
#pragma once
#include <brio/base/recent_log.hpp>
#include <brio/base/shared_memory.hpp>
#include <brio/ledger/black_box.hpp>

namespace brio::app {

struct Recordings {
    ledger::BlackBox::Slots slow;
    RecentLog log;
};

}  // namespace brio::app
