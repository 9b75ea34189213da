// expect: NULL equals nothing, not even NULL: ask is_null
#include "store_model.hpp"

auto unreviewed() {
#ifdef MISTAKE
    return col<&Resource::reviewer_id> == std::nullopt;
#else
    return is_null(col<&Resource::reviewer_id>);
#endif
}
auto reviewed_by(std::optional<Id<User>> user) {
#ifdef MISTAKE
    return col<&Resource::reviewer_id> == user;
#else
    return col<&Resource::reviewer_id> == *user;
#endif
}
