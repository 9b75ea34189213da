// The notes in few bytes: what is compressed, what is not, and bodies that come compressed.
#pragma once
#include <brio/http/router.hpp>

namespace notes {

void compression_routes(brio::http::Router& api);

}  // namespace notes
