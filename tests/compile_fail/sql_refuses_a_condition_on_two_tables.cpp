// expect: the two conditions speak of two tables
#include "model.hpp"

auto condition(Id<User> user, Id<Resource> resource) {
#ifdef MISTAKE
    return sql::col<&User::id> == user && sql::col<&Resource::id> == resource;
#else
    return sql::col<&Resource::owner_id> == user && sql::col<&Resource::id> == resource;
#endif
}
