// Routes that wait: for time, for each other, for another thread.
#pragma once
#include <brio/http/router.hpp>

namespace waiting {

using namespace brio;

void routes(http::Router& api);

}  // namespace waiting
