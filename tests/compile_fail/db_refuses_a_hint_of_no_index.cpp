// expect: hint: the table has no index of exactly these columns in this order
#include "db_model.hpp"

auto sizes(Db db) {
#ifdef MISTAKE
    return db.select(resources).hint<&Resource::owner_id>().all();
#else
    return db.select(resources).hint<&Resource::owner_id, &Resource::id>().all();
#endif
}
