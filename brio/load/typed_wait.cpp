#include <brio/load/typed_wait.hpp>

#include <brio/base/text.hpp>
#include <brio/load/plan.hpp>

namespace brio::load {

std::expected<Wait, std::string> parse_wait(std::string_view text) {
    const auto dots = text.find("..");
    const auto least = parse_duration(text.substr(0, dots));
    const auto most = dots == text.npos ? least : parse_duration(text.substr(dots + 2));
    if (!least || !most) {
        return std::unexpected((least ? most : least).error());
    }
    if (*most < *least) {
        return std::unexpected(
            concat({"\"", text, "\" ends before it begins: the shorter time stands first"}));
    }
    return between(*least, *most);
}

}  // namespace brio::load
