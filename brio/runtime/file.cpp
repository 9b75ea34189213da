#include <brio/runtime/file.hpp>

#include <unistd.h>

namespace brio::runtime {

void File::close() noexcept {
    if (fd_ >= 0) {
        ::close(std::exchange(fd_, -1));
    }
}

}  // namespace brio::runtime
