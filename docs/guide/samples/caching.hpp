// Routes whose answers are kept and given again.
#pragma once
#include <brio/cache/cached.hpp>
#include <brio/cache/provide.hpp>

#include "accounts.hpp"
#include "notes.hpp"

namespace notes {

struct Digest {
    std::int64_t notes;
    std::string newest;
};

struct Greeting {
    std::string words;
};

void cached_routes(http::Router& api);

}  // namespace notes
