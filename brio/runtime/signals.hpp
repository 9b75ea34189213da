// SIGTERM, SIGINT, SIGCHLD, SIGHUP as events of a loop.
#pragma once
#include <functional>
#include <initializer_list>

#include <brio/runtime/loop.hpp>

namespace brio::runtime {

/// Blocks the signals for the calling thread (and those it starts later) and calls `received` on the loop
/// instead.
class Signals : private Watch {
public:
    Signals(Loop& loop, std::initializer_list<int> signals, std::function<void(int signal)> received);
    ~Signals();

private:
    void read();

    Loop& loop_;
    File file_;
    std::function<void(int)> received_;
};

}  // namespace brio::runtime
