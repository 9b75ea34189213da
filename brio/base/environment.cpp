#include <brio/base/environment.hpp>

#include <cstdlib>

namespace brio {

std::optional<std::string_view> environment(const char* name) noexcept {
    const char* value = std::getenv(name);
    return value == nullptr ? std::nullopt : std::optional<std::string_view>(value);
}

}  // namespace brio
