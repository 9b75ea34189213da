// A user without a script: one request, again and again, made ready before the run.
#pragma once
#include <string>

#include <brio/load/request.hpp>
#include <brio/load/scenario.hpp>
#include <brio/load/wait.hpp>

namespace brio::load {

/// One type of users that send `request` to the target of `origin` as it stands (the request's own path and
/// redirects are not looked at, bodies of answers not kept). Statuses as in Client. Throws
/// std::invalid_argument as render() does.
Scenario url_scenario(const Origin& origin, const Request& request, Wait wait = none());

}  // namespace brio::load
