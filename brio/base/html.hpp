// Text within pages that programs write.
#pragma once
#include <string>
#include <string_view>

namespace brio {

/// As text or within a quoted attribute of HTML: what has a meaning there is written as an entity.
std::string escape_html(std::string_view text);

}  // namespace brio
