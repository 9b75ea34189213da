// The notes as they come, and all of them as one file: answers without a known end.
#pragma once
#include <brio/http/router.hpp>

namespace notes {

void stream_routes(brio::http::Router& api);

}  // namespace notes
