// For the cases about the database.
#pragma once
#include <brio/db/db.hpp>

#include "store_model.hpp"
