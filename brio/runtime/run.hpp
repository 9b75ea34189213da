// A coroutine run to its end by a caller that is none: in commands and tests.
#pragma once
#include <chrono>

#include <brio/runtime/async.hpp>
#include <brio/runtime/loop.hpp>

namespace brio::runtime {

/// Makes turns of `loop`, on the calling thread, until `call` has ended; gives its result or throws what it
/// threw. Not within a turn of that loop.
template <class T>
T run(Loop& loop, Async<T> call) {
    Work work;
    work.loop = &loop;
    loop.refresh_now();
    call.start(work, [](void*) {}, nullptr);
    while (!call.has_ended()) {
        loop.turn(std::chrono::seconds(1));
    }
    return call.result();
}

}  // namespace brio::runtime
