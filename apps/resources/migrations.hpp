// The schema's history: frozen, never derived from the model. A test compares the two.
#pragma once
#include <brio/db/migration.hpp>

#include <span>

namespace service {

extern const std::span<const brio::db::Migration> migrations;

}  // namespace service
