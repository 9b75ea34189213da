#include "routes.hpp"

#include "handlers.hpp"

namespace service {

void routes(http::Router& api) {
    api.get<"/api/resources">(list_resources, {.statements = 4});
    api.post<"/api/resources">(create_resource);
    api.get<"/api/resources/{id}">(show_resource);
    api.put<"/api/resources/{id}">(update_resource);
    api.patch<"/api/resources/{id}">(update_resource);
    api.del<"/api/resources/{id}">(delete_resource);

    api.get<"/api/users">(list_users, {.statements = 4});
    api.post<"/api/users">(create_user);
    api.get<"/api/users/{id}">(show_user);
}

}  // namespace service
