// expect: deleted (copy )?(constructor|function)|implicitly-deleted copy constructor
#include <brio/runtime/async.hpp>

brio::Async<int> one() { co_return 1; }

brio::Async<int> twice() {
    brio::Async<int> first = one();
#ifdef MISTAKE
    brio::Async<int> second = first;
#else
    brio::Async<int> second = std::move(first);
#endif
    co_return co_await std::move(second);
}
