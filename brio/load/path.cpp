#include <brio/load/path.hpp>

#include <stdexcept>

#include <brio/base/buffer.hpp>
#include <brio/http/percent.hpp>

namespace brio::load::detail {

std::string fill(std::string_view pattern, std::initializer_list<std::string> values) {
    std::string text;
    auto const* next = values.begin();
    for (auto rest = pattern; !rest.empty();) {
        auto const open = rest.find('{');
        text.append(rest.substr(0, open));
        if (open == std::string_view::npos) {
            break;
        }
        auto const close = rest.find('}', open);
        if (close == std::string_view::npos || next == values.end()) {
            throw std::invalid_argument("the path " + std::string(pattern) + " has more places than values");
        }
        Buffer encoded;
        http::percent_encode(*next++, encoded);
        text.append(encoded.view());
        rest.remove_prefix(close + 1);
    }
    if (next != values.end()) {
        throw std::invalid_argument("the path " + std::string(pattern) + " has fewer places than values");
    }
    return text;
}

}  // namespace brio::load::detail
