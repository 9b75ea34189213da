#include "routes.hpp"

#include <brio/cache/cached.hpp>

#include "handlers.hpp"

namespace service {

using namespace std::chrono_literals;

// Kept answers are bound to the tables that they were read from: a write ends them.

void routes(http::Router& api) {
    api.get<"/api/resources">(cached(300s, list_resources), {.statements = 4});
    api.post<"/api/resources">(create_resource);
    api.get<"/api/resources/{id}">(cached(300s, show_resource));
    api.put<"/api/resources/{id}">(update_resource);
    api.patch<"/api/resources/{id}">(update_resource);
    api.del<"/api/resources/{id}">(delete_resource);

    api.post<"/api/resources/{id}/process">(process_resource);
    api.get<"/api/tasks/{id}">(show_task);

    api.get<"/api/users">(cached(300s, list_users), {.statements = 4});
    api.post<"/api/users">(create_user);
    api.get<"/api/users/{id}">(cached(300s, show_user));
}

}  // namespace service
