#include <brio/base/expect.hpp>

#include <cstdio>
#include <cstdlib>

namespace brio {

void stop_on_bug(std::string_view what, std::source_location where) noexcept {
    std::fprintf(stderr, "bug: %.*s does not hold, at %s:%u in %s\n", static_cast<int>(what.size()),
                 what.data(), where.file_name(), where.line(), where.function_name());
    std::fflush(stderr);
    std::abort();
}

}  // namespace brio
