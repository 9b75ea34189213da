// expect: the cache does not know how to keep this type
#include <brio/cache/cache.hpp>

#ifdef MISTAKE
class Rate {
public:
    double value() const { return value_; }

private:
    double value_ = 0;
};
#else
struct Rate {
    double value = 0;
};
#endif

brio::Async<Rate> ask() { co_return Rate{}; }

brio::Async<Rate> rate(brio::Cache cache) {
    return cache.get_or_set(brio::Key::of("rate"), std::chrono::seconds(60), ask);
}
