// Migrations that follow those of the guide's shop.
#pragma once
#include <span>

#include <brio/db/migration.hpp>

namespace later {

using namespace brio;

extern const std::span<const Migration> migrations;

}  // namespace later
