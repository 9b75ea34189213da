// expect: (copy constructor\) has been implicitly|use of) deleted
#include <brio/base/buffer.hpp>

brio::Buffer taken(brio::Buffer& from) {
#ifdef MISTAKE
    return brio::Buffer(from);
#else
    return brio::Buffer(std::move(from));
#endif
}
