// The API's table of contents.
#pragma once
#include <brio/http/router.hpp>

namespace service {

void routes(brio::http::Router& api);

}  // namespace service
