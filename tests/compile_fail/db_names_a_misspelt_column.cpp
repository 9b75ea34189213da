// expect: no member named 'nmae' in 'Resource'
#include "db_model.hpp"

auto named(Db db) {
#ifdef MISTAKE
    return db.select(resources).where(unindexed("rare", col<&Resource::nmae> == "a")).all();
#else
    return db.select(resources).where(unindexed("rare", col<&Resource::name> == "a")).all();
#endif
}
