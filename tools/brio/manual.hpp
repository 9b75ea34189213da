// The manual pages brio(1), brio-load(1) and so on.
#pragma once
#include <string>
#include <string_view>

#include <brio/base/usage.hpp>

namespace brio::tool {

/// `command` is one of `brio`; empty: the page of all. Empty when there is no page of that name.
std::string manual_of(const Usage& brio, std::string_view command);

Usage manual_usage();

}  // namespace brio::tool
