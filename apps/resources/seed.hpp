// Rows to begin with: this Debian system's packages and their maintainers, or made-up ones.
#pragma once
#include <brio/app/app.hpp>

namespace service {

/// `--from debian`: up to `count` (10,000) packages of the index that apt has; made-up rows where there is
/// none. Otherwise `count` (10,000) made-up resources, one user for every 40. The same request gives the same
/// rows. Throws when there are rows already.
brio::Async<std::uint64_t> seed(brio::SeedRequest request);

}  // namespace service
