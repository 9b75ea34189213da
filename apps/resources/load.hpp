// What the users of a load test do (`resources load`): the guide's scenario, and each update has something to
// update.
#pragma once
#include <brio/load/scenario.hpp>

#include <chrono>
#include <vector>

#include "model.hpp"

namespace service {

/// Reads three times as often as it creates, and updates what it created; takes it away when it leaves.
class ApiUser {
public:
    Async<> on_start(load::Client client);
    Async<> on_stop(load::Client client);

    Async<> get_resources(load::Client client);
    Async<> create_resource(load::Client client);
    Async<> update_resource(load::Client client);

    static constexpr auto wait = load::between(std::chrono::seconds(1), std::chrono::seconds(3));
    static constexpr auto tasks = load::tasks(load::task(&ApiUser::get_resources, "get resources", 3),
                                              load::task(&ApiUser::create_resource, "create resource"),
                                              load::task(&ApiUser::update_resource, "update resource", 2));

private:
    std::vector<Id<Resource>> created_;
};

}  // namespace service
