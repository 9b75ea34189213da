// expect: the value has another type than the column it is compared with
#include "model.hpp"

auto condition(Id<User> user, Id<Resource> resource) {
#ifdef MISTAKE
    return sql::col<&Resource::owner_id> == resource && sql::col<&Resource::id> == user;
#else
    return sql::col<&Resource::owner_id> == user && sql::col<&Resource::id> == resource;
#endif
}
