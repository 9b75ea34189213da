// expect: where: no index of the table helps with this condition: add one, or write unindexed
#include "db_model.hpp"

auto named(Db db) {
#ifdef MISTAKE
    return db.select(resources).where(col<&Resource::name> == "a").all();
#else
    return db.select(resources).where(unindexed("rare", col<&Resource::name> == "a")).all();
#endif
}
